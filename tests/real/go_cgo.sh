#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A Go program that uses libc, dumped while it computes: its maps have hash keys that Go has
# copied from AT_RANDOM.
. "${0%/*}/../lib/functions.sh"
need go cc

cat > app.go <<'EOF'
package main

import (
	"fmt"
	"os"
	"time"
)

// #include <stdlib.h>
import "C"

func main() {
	numbers := map[string]int{}
	for i := 0; i < 10000; i++ {
		numbers[fmt.Sprint(i)] = i
	}
	C.free(C.malloc(10))
	os.WriteFile("ready", nil, 0644)
	for i := 0; i < 40; i++ {
		time.Sleep(50 * time.Millisecond)
	}
	wrong := 0
	for i := 0; i < 10000; i++ {
		if numbers[fmt.Sprint(i)] != i {
			wrong++
		}
	}
	fmt.Println("wrong:", wrong)
}
EOF
GOCACHE=$work/cache GOFLAGS=-mod=mod CGO_ENABLED=1 go build -o app app.go > log 2>&1 ||
	skip "go builds nothing: $(cat log)"
./app > /dev/null &
process=$!
waited=0
while [ ! -e ready ] && [ $waited -lt 1000 ]
do
	sleep 0.01
	waited=$((waited + 1))
done
limited "$UNEXEC_TOOL" dump -q "$process" -o dump > said 2>&1
status=$?
kill "$process"
wait "$process" 2> /dev/null
[ $status -eq 0 ] || fail "no dump: $(cat said)"
same "a start" "wrong: 0" "$(limited ./dump)"
same "another start" "wrong: 0" "$(limited ./dump)"
