#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# unexec info prints the contents of a dump, as text and as JSON, and names the defect of other
# files.
. "${0%/*}/../lib/functions.sh"

limited "$subject" dump full 3 || fail "no dump"
limited "$UNEXEC_TOOL" info dump > text || fail "info"
cat text
[ -s text ] || fail "no output"
for word in heap stack 'libc[.-]' libunexec subject
do
	grep -q "$word" text || fail "no $word in it"
done
limited "$UNEXEC_TOOL" info --json dump > json || fail "info --json"
limited "$UNEXEC_TOOL" info dump --json > json2 || fail "info FILE --json"
cmp json json2 || fail "the order of arguments matters"
"$PYTHON3" -m json.tool json > pretty || fail "no JSON"
grep -q 'libc[.-]' pretty || fail "no libc in the JSON"
same "generation" 1 \
	"$("$PYTHON3" -c 'import json; print(json.load(open("json"))["generation"])')"

# The picture: an SVG in which each region with content has a title.
limited "$UNEXEC_TOOL" info --svg=picture.svg dump || fail "info --svg"
limited "$UNEXEC_TOOL" info --svg=- dump > printed || fail "info --svg=-"
cmp picture.svg printed || fail "the picture differs"
[ -x picture.svg ] && fail "the picture is executable"
"$PYTHON3" - <<'END' || fail "$(cat picture.svg)"
import json
from xml.etree import ElementTree
root = ElementTree.parse("picture.svg").getroot()
titles = [t.text for t in root.iter("{http://www.w3.org/2000/svg}title")]
regions = [r for r in json.load(open("json"))["regions"] if r["content"]]
assert len(titles) == len(regions) > 10, (len(titles), len(regions))
for region in regions:
    place = region["start"][2:] + "-" + region["end"][2:]
    assert [t for t in titles if place in t and (region["origin"] or "anonymous") in t], region
assert any("heap" in text for text in root.itertext())
END
if [ -w /dev/full ]
then
	limited "$UNEXEC_TOOL" info --svg=- dump > /dev/full 2> said && fail "--svg=- to a full device"
	grep -q '^unexec: error: standard output: ' said || fail "--svg=-: $(cat said)"
fi
limited "$UNEXEC_TOOL" info --svg=missing/picture dump 2> said && fail "no directory, yet a picture"
grep -q '^unexec: missing/picture: error: ' said || fail "$(cat said)"
limited "$UNEXEC_TOOL" info --svg=x --json dump 2> said
same "the status of two formats" 2 $?

# The files that the process had mapped and open, and those of them that the dump opens.
printf '%5000s' > shared
echo 'some words' > words
limited "$UNEXEC_TOOL" run -q -o open -- "$PYTHON3" -c 'import mmap, os, sys
shared = open("shared", "r+b")
memory = mmap.mmap(shared.fileno(), 0)
words = open("words", "rb", buffering=0)
gone = open("gone", "w")
os.remove("gone")
gone.write(" " * 5000)
gone.flush()
words.read(5)
sys.stdin.read()' < /dev/null || fail "no dump of python"
limited "$UNEXEC_TOOL" info open > text || fail "info"
sed -n '/^mapped files:/,$p' text > files
grep -q "^ *8.0K  *0  at start  *$work/shared$" files || fail "$(cat files)"
grep -q '  in the dump  /.*/libc\.so' files || fail "$(cat files)"
grep -q "file, read at 5  $work/words$" files || fail "$(cat files)"
grep -q "deleted file, 4.9K  $work/gone$" files || fail "$(cat files)"
limited "$UNEXEC_TOOL" info --json open > json || fail "info --json"
"$PYTHON3" - "$work" <<'END' || fail "$(cat json)"
import json, sys
info = json.load(open("json"))
mapped = {file["path"]: file for file in info["mapped_files"]}
assert mapped.pop(sys.argv[1] + "/shared") == {
    "path": sys.argv[1] + "/shared", "size": 8192, "content": 0, "at_start": True}
assert len(mapped) > 2 and not any(file["at_start"] for file in mapped.values())
for file in mapped.values():
    regions = [r for r in info["regions"] if r["origin"] == file["path"]]
    assert file["size"] == sum(r["size"] for r in regions) > 0
    assert file["content"] == sum(r["content"] for r in regions)
gone, = [d for d in info["descriptors"] if d["kind"] == "deleted file"]
assert gone["path"] == sys.argv[1] + "/gone" and gone["size"] == 5000
assert {"words", "shared"} <= {d["path"].split("/")[-1] for d in info["descriptors"]}
END

# wrong FILE: one line on standard error, status not 0, not by a signal.
wrong()
{
	limited "$UNEXEC_TOOL" info "$1" > out 2> said
	status=$?
	[ $status = 0 ] && fail "info $1 succeeds"
	[ $status -lt 124 ] || fail "status $status of info $1"
	[ -s out ] && fail "output for $1"
	same "lines about $1" 1 "$(wc -l < said)"
	grep -q '^unexec: .*: error: ' said || fail "no prefix: $(cat said)"
	grep -q "$1" said || fail "does not name $1: $(cat said)"
}
wrong /bin/sh
wrong /etc/passwd
wrong none
wrong .
: > empty
wrong empty
for part in 10 64 100 1000 5000
do
	head -c $part dump > short
	wrong short
done
head -c $(($(stat -c %s dump) / 2)) dump > half
wrong half

limited "$UNEXEC_TOOL" info --state dump > state || fail "no state"
same "lines of info --state" "$("$UNEXEC_TOOL" @census | wc -l)" "$(grep -c '^  ' state)"
grep -qE '^  CPU time +reset: it begins at 0$' state || fail "$(cat state)"
