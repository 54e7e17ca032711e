-- SPDX-License-Identifier: MIT
-- Build tables and closures, which takes a while, and start a coroutine, then evaluate the
-- expressions in the arguments. With --dump FILE, dump to FILE instead; then run
-- FILE EXPRESSION…

squares, names = {}, {}
for i = 1, 300000 do
	squares[i] = i * i
	names["n" .. i] = i
end

local count = 0
function next_count()
	count = count + 1
	return count
end
next_count()

local generator = coroutine.create(function()
	for i = 1, math.huge do
		coroutine.yield(i * 10)
	end
end)
function generate()
	local _, value = coroutine.resume(generator)
	return value
end
generate()
generate()

function sum(list)
	local total = 0
	for _, value in ipairs(list) do
		total = total + value
	end
	return total
end

if arg[1] == "--dump" and assert(unexec.dump(arg[2])) == "dumped" then
	return
end
-- This runs in the program without --dump, and in the dump, with other arguments.
for _, expression in ipairs(arg) do
	print(expression .. " = " .. tostring(assert(load("return " .. expression))()))
end
