# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion of unexec for bash. `unexec @options` lists the verbs, their options and the words
# that an option's argument can be: "VERB|NAMES|ARGUMENT|WORDS|HELP". A line without NAMES names
# the verb's operand. Lines without a VERB are the options that stand in its place.

# Prints the processes that the user may dump: not other users', no threads of the kernel.
_unexec_processes()
{
	local directory

	for directory in /proc/[0-9]*
	do
		[[ -O $directory && -n $(readlink "$directory/exe" 2> /dev/null) ]] &&
			echo "${directory#/proc/}"
	done
}

# _unexec_words WORD…: completes `value` to one of them; those that end in : are beginnings.
_unexec_words()
{
	[[ " $*" != *:* ]] || compopt -o nospace
	COMPREPLY=($(compgen -P "${word:0:${#word}-${#value}}" -W "$*" -- "$value"))
}

# _unexec_argument ARGUMENT WORDS: completes `value`, the end of `word`.
_unexec_argument()
{
	[[ $1 != \[*=\]* ]] || value=${value##*=}
	[[ $1 != NAMES ]] || value=${value##*,}
	if [[ $2 = *signal:* && $value = signal:* ]]
	then
		value=${value#signal:}
		_unexec_words $(compgen -A signal SIG | sed -n '/RT/d; s/^SIG//p')
	elif [[ -n $2 ]]
	then
		_unexec_words $2
	elif [[ $1 = PID ]]
	then
		_unexec_words $(_unexec_processes)
	else
		compopt -o filenames
		local IFS=$'\n'
		COMPREPLY=($(compgen -P "${word:0:${#word}-${#value}}" -f -- "$value"))
	fi
}

# Readline completes what follows the last of its word breaks, such as = and :.
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

# _unexec_option NAME: sets `argument` and `words` of that option.
_unexec_option()
{
	argument=${arguments[$1]-} words=${values[$1]-}
}

# _unexec_place WORD…: the words between the verb and the one to be completed. Sets `place`:
# to "option NAME" after an option whose argument is missing, "program first" or "program"
# in what run starts, or else to the number of operands.
_unexec_place()
{
	local expects=''

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
			[[ $operand = PROGRAM ]] && place='program first'
		elif [[ $argument = -* ]]
		then
			[[ -n ${arguments[$argument]-} ]] && expects=$argument
		elif [[ $operand = PROGRAM ]]
		then
			place=program
		else
			place=$((place + 1))
		fi
	done
	[[ -n $expects ]] && place="option $expects"
}

# Reads the options of `verb` (empty: those in its place) and sets the verb's operand.
_unexec_read()
{
	local of names argument words name

	while IFS='|' read -r of names argument words _
	do
		[[ -n $names || -z $of ]] || verbs+=("$of")
		[[ $of = "$verb" ]] || continue
		[[ -n $names ]] || operand=$argument
		for name in $names
		do
			options+=("$name")
			arguments[$name]=$argument
			values[$name]=$words
		done
	done < <("$1" @options 2> /dev/null < /dev/null)
}

_unexec_operand()
{
	case $place in
	option*)
		_unexec_option "${place#option }"
		_unexec_argument "$argument" "$words" ;;
	program*)
		_unexec_program ${place#program} ;;
	*)
		if [[ $word = --*=* ]]
		then
			value=${word#*=}
			_unexec_option "${word%%=*}"
			_unexec_argument "$argument" "$words"
		elif [[ $word = -* ]]
		then
			_unexec_words "${options[@]}"
		elif [[ $operand = PROGRAM ]]
		then
			_unexec_program first
		elif [[ $place = 0 ]]
		then
			_unexec_argument "$operand"
		fi ;;
	esac
}

_unexec()
{
	local typed=${COMP_LINE:0:COMP_POINT} word value verb place operand='' argument words
	local -a line verbs=() options=()
	local -A arguments=() values=()

	# By white space alone, not by COMP_WORDBREAKS.
	read -ra line <<< "$typed"
	word=''
	[[ $typed == *[[:space:]] ]] || { word=${line[-1]}; unset 'line[-1]'; }
	value=$word
	COMPREPLY=()
	verb=${line[1]-}
	_unexec_read "$1"
	if [[ ${#line[@]} -le 1 ]]
	then
		_unexec_words "${verbs[@]}" "${options[@]}"
	elif [[ -n $operand ]]
	then
		_unexec_place "${line[@]:2}"
		_unexec_operand
	fi
	_unexec_trim
}

complete -F _unexec unexec
