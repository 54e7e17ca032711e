-- SPDX-License-Identifier: MIT
-- Something that takes a while to make: tables, closures, a coroutine in the middle; then it
-- evaluates the expressions that it is given. With --dump FILE it writes itself there instead,
-- and FILE EXPRESSION… evaluates.

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
-- Here is the program without --dump, or the dump, which has other arguments.
for _, expression in ipairs(arg) do
	print(expression .. " = " .. tostring(assert(load("return " .. expression))()))
end
