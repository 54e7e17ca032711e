# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion of unexec for bash. Verbs and options are those that the program itself tells in
# its --help; only what an argument may be is known here.

# Prints the verbs.
_unexec_verbs()
{
	"$1" --help 2> /dev/null < /dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p'
}

# Prints each option of a verb, alone on a line or followed by the word for its argument:
# "--output FILE".
_unexec_options()
{
	local head name kind

	while read -r head
	do
		head=${head%%  *}
		kind=''
		[[ $head =~ []=\ ]([A-Z]+)$ ]] && kind=${BASH_REMATCH[1]}
		for name in ${head//[,=]/ }
		do
			[[ $name = -* ]] && echo "$name${kind:+ $kind}"
		done
	done < <("$1" "$2" --help 2> /dev/null < /dev/null | grep '^ *-')
}

# Prints the processes that may be dumped: ours, without those of the kernel.
_unexec_processes()
{
	local directory

	for directory in /proc/[0-9]*
	do
		[[ -O $directory && -n $(readlink "$directory/exe" 2> /dev/null) ]] &&
			echo "${directory#/proc/}"
	done
}

# _unexec_argument WORD-FOR-IT PREFIX: what may stand there, with PREFIX before it.
_unexec_argument()
{
	local prefix=${word:0:${#word}-${#value}}

	case $1 in
	WHEN)
		case $value in
		signal:*)
			COMPREPLY=($(compgen -P "${prefix}signal:" -W \
				"$(compgen -A signal SIG | sed -n '/RT/d; s/^SIG//p')" \
				-- "${value#signal:}")) ;;
		*)
			compopt -o nospace
			COMPREPLY=($(compgen -P "$prefix" \
				-W 'stdin call: syscall: signal: after:' -- "$value")) ;;
		esac ;;
	WHAT)
		prefix=${word%"${value##*=}"}
		COMPREPLY=($(compgen -P "$prefix" -W 'close null keep recreate' \
			-- "${value##*=}")) ;;
	MODE)
		COMPREPLY=($(compgen -P "$prefix" -W 'auto lazy copy' -- "$value")) ;;
	LEVEL)
		COMPREPLY=($(compgen -P "$prefix" \
			-W 'baseline x86-64-v2 x86-64-v3 x86-64-v4' -- "$value")) ;;
	PID)
		COMPREPLY=($(compgen -P "$prefix" -W "$(_unexec_processes)" -- "$value")) ;;
	*)
		compopt -o filenames
		local IFS=$'\n'
		COMPREPLY=($(compgen -P "$prefix" -f -- "$value")) ;;
	esac
}

# What readline takes for the word begins behind the last of its breaks, such as = and :.
_unexec_trim()
{
	local breaks=${COMP_WORDBREAKS//[^=:]/} before i

	[[ -n $breaks && $word == *[$breaks]* ]] || return
	before=${word%"${word##*[$breaks]}"}
	for i in "${!COMPREPLY[@]}"
	do
		COMPREPLY[i]=${COMPREPLY[i]#"$before"}
	done
}

# The program that run starts, and its arguments.
_unexec_program()
{
	compopt -o filenames
	local IFS=$'\n'
	if [[ $1 = first ]]
	then
		COMPREPLY=($(compgen -c -- "$word"; compgen -f -- "$word"))
	else
		COMPREPLY=($(compgen -f -- "$word"))
	fi
}

# _unexec_place WORD…: the words between the verb and the one to be completed. Sets `place`:
# to "option NAME" behind an option whose argument is missing, "program first" or "program"
# in what run starts, or else how many words were no options.
_unexec_place()
{
	local expects='' kind

	place=0
	for argument
	do
		if [[ -n $expects ]]
		then
			expects=''
		elif [[ $place = program* ]]
		then
			place=program
		elif [[ $argument = -- ]]
		then
			[[ $verb = run ]] && place='program first'
		elif [[ $argument = -* ]]
		then
			kind=$(sed -n "s/^$argument //p" <<< "$options")
			[[ -n $kind ]] && expects=$kind
		elif [[ $verb = run ]]
		then
			place=program
		else
			place=$((place + 1))
		fi
	done
	[[ -n $expects ]] && place="option $expects"
}

_unexec()
{
	local line=${COMP_LINE:0:COMP_POINT} word value verb options place words

	# By white space alone, not by COMP_WORDBREAKS.
	read -ra words <<< "$line"
	word=''
	[[ $line == *[[:space:]] ]] || { word=${words[-1]}; unset 'words[-1]'; }
	value=$word
	COMPREPLY=()
	if [[ ${#words[@]} -le 1 ]]
	then
		COMPREPLY=($(compgen -W "$(_unexec_verbs "$1") --help --version" -- "$word"))
		return
	fi
	verb=${words[1]}
	[[ $verb = [a-z]* ]] || return
	options=$(_unexec_options "$1" "$verb")
	_unexec_place "${words[@]:2}"
	case $place in
	option*)
		_unexec_argument "${place#option }" ;;
	program*)
		_unexec_program ${place#program} ;;
	*)
		if [[ $word = --*=* ]]
		then
			value=${word#*=}
			_unexec_argument "$(sed -n "s/^${word%%=*} //p" <<< "$options")"
		elif [[ $word = -* ]]
		then
			COMPREPLY=($(compgen -W "$(sed 's/ .*//' <<< "$options")" -- "$word"))
		elif [[ $verb = run ]]
		then
			_unexec_program first
		elif [[ $verb = dump && $place = 0 ]]
		then
			_unexec_argument PID
		elif [[ $place = 0 || $verb = diff ]]
		then
			_unexec_argument FILE
		fi ;;
	esac
	_unexec_trim
}

complete -F _unexec unexec
