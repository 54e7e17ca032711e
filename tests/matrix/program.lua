-- SPDX-License-Identifier: GPL-3.0-or-later
--
-- Has tables and closures, and waits for standard input, where it is dumped; then says "well"
-- and what it read to standard output, or to the file that ANSWER names. Reads the
-- file of the name LINES, too, half of it before.
local squares, nexts = {}, {}
for i = 1, 20000 do
	squares[i] = i * i
	nexts[i % 100] = function() return squares[i] end
end
local lines = os.getenv("LINES")
local file = lines and assert(io.open(lines))
if file then
	file:setvbuf("no")
	assert(file:read("l") == "one")
end
local line = io.read("l") or "nothing"
local name = os.getenv("ANSWER")
local answer = name and assert(io.open(name, "w")) or io.stdout

squares[123] = nil
collectgarbage()
assert(squares[12] == 144 and nexts[77]() == 19977 * 19977)
assert(not file or file:read("l") == "two")
assert(os.time() > 1000000000)
assert(select("#", table.unpack(squares, 1, 122)) == 122)
answer:write("well ", line, "\n")
answer:close()
