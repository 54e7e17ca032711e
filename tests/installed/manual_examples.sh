#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs every example of unexec(1): the lines that begin with "$ " in its section EXAMPLES.
# example() prepares and checks each; an example that it does not know is a failure.
. "${0%/*}/../lib/functions.sh"
need bc gawk gcore pdftex pdflatex
[ -x "$PYTHON3" ] || skip "no python3"

page=$top_srcdir/man/unexec.1
job_program=$top_builddir/tests/installed/manual_job
result='sum 45150'

# Somebody who is at the terminal and types nothing.
mkfifo silent
sleep 1000 > silent &
silence=$!
trap 'kill $silence; cd /; rm -rf "$work"' EXIT

mkdir bin remote
ln -s "$UNEXEC_TOOL" bin/unexec
ln -s "$top_srcdir/examples/tex/latex-now" bin
# The other machine is another directory.
cat > bin/ssh << EOF
#!/bin/sh
[ "\$1" = host ] && [ \$# = 2 ] || exit 99
cd '$work/remote' && exec sh -c "\$2"
EOF
# This coredumpctl makes a core of a running process, not of one that has crashed.
cat > bin/coredumpctl << EOF
#!/bin/sh
[ "\$1" = dump ] && [ "\$3" = -o ] && [ \$# = 4 ] || exit 99
gcore -o "\$4" "\$2" && mv "\$4.\$2" "\$4"
EOF
cat > bin/jq << EOF
#!/bin/sh
exec '$PYTHON3' -m json.tool
EOF
chmod +x bin/*
PATH=$work/bin:$PATH
# The program itself, not libtool's wrapper script.
primes=$top_builddir/examples/.libs/primes
[ -x "$primes" ] || primes=$top_builddir/examples/primes
LD_LIBRARY_PATH=${UNEXEC_LIBRARY%/*}
export LD_LIBRARY_PATH

examples()
{
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE ALSO/s/^\$ //p' "$page" |
		sed 's/\\-/-/g; s/\\e/\\/g'
}

start_job()
{
	"$job_program" > job.out &
	job=$!
	while [ ! -s job.out ]
	do
		kill -0 $job || fail "the job has ended"
		sleep 0.01
	done
}

job_goes_on()
{
	wait $job
	same "output of the job" "begun
$result" "$(cat job.out)"
}

# Runs the example of the page with the PID and the program of the test.
run()
{
	line=$(printf '%s\n' "$1" | sed "s|\\b123\\b|${job-}|; s|/usr/bin/job|$job_program|")
	limited sh -c "$line" < silent > said 2> errors
	status=$?
	cat errors >&2
	[ $status = 0 ] || fail "status $status from: $line"
}

# Runs the example and compares its standard output.
run_says()
{
	run "$1"
	same "output of $1" "$2" "$(cat said)"
}

# Runs the example and compares its output with the page, except for numbers.
run_shows()
{
	run "$1"
	expected=$(sed -n "/^\\\$ $1/,/^\\.Ed/{/^[a-z ]/p}" "$page")
	same "output of $1" "$(echo "$expected" | awk '{ print $1 }')" \
		"$(awk '{ print $1 }' said)"
}

example()
{
	echo "example: $1"
	case $1 in
	'unexec run -o bc-now -- bc -l')
		run "$1" ;;
	"echo '6*7' | ./bc-now")
		run_says "$1" 42 ;;
	'unexec run --when call:main -o gawk-now -- gawk')
		run "$1" ;;
	"./gawk-now 'BEGIN { print 6*7 }'")
		run_says "$1" 42 ;;
	'unexec run -o paper-now -- pdftex -jobname=paper '"'\input macros'")
		printf '%s\n' '\def\word#1{the word #1}' > macros.tex
		run "$1" ;;
	"echo '\input text' | ./paper-now")
		printf '%s\n' '\word{one} \bye' > text.tex
		run "$1"
		[ -s paper.pdf ] || fail "there is no paper.pdf" ;;
	'latex-now paper.tex')
		rm paper.pdf
		cat > paper.tex <<-'END'
			\documentclass{article}
			\begin{document}
			One word.
			\end{document}
		END
		run "$1"
		[ -s paper.pdf ] || fail "there is no paper.pdf" ;;
	'unexec dump 123 --kill -o job-now')
		start_job
		run "$1"
		wait $job
		same "output of the job before its end" begun "$(cat job.out)" ;;
	./job-now)
		run_says "$1" "$result" ;;
	"unexec dump 123 -o - | ssh host 'cat >job; chmod +x job; ./job'")
		start_job
		run_says "$1" "$result"
		job_goes_on ;;
	'gcore -o core 123' | 'coredumpctl dump 123 -o core')
		start_job
		run "$1" ;;
	'unexec undump core.123 -o job-now' | \
	'unexec undump core -e /usr/bin/job -o job-now')
		rm -f job-now
		run "$1"
		run_says ./job-now "$result"
		job_goes_on ;;
	./primes)
		cp "$primes" primes
		run_says "$1" '' ;;
	'unexec info primes-now | head -5')
		run_shows "$1" ;;
	'unexec info --json primes-now | jq .')
		run "$1"
		grep -q '"program": ".*/primes"' said || fail "no such JSON" ;;
	'unexec info --svg=primes.svg primes-now')
		run "$1"
		grep -q '<title>' primes.svg || fail "no such picture" ;;
	'unexec dump 123 -o first')
		start_job
		run "$1" ;;
	'unexec dump 123 -o second')
		run "$1" ;;
	'unexec diff first second')
		limited $1 > said
		[ $? -le 1 ] || fail "status $? from: $1"
		grep -q '^memory: ' said || fail "no such difference"
		job_goes_on ;;
	'unexec verify primes-now')
		run_says "$1" "$(sed -n '/^\$ unexec verify/{n;p}' "$page")" ;;
	'unexec tune primes-now -- 7')
		run_says "$1" '7 is prime' ;;
	*)
		fail "this test does not know the example" ;;
	esac
}

examples > list
[ -s list ] || exit 99
for verb in $("$UNEXEC_TOOL" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
do
	grep -q "^unexec $verb " list || fail "the page has no example for $verb"
done
while read -r line <&9
do
	example "$line" 9<&-
done 9< list
