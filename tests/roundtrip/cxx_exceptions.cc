// SPDX-License-Identifier: GPL-3.0-or-later
//
// C++ exceptions are thrown and caught after the dump, across functions of the program
// and of libraries, and one that was in flight is still there.
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

#include "../lib/roundtrip.h"

namespace {

int destroyed;

struct Guard {
	~Guard() { destroyed++; }
};

struct Base {
	virtual ~Base() = default;
	virtual std::string name() const { return "base"; }
};

struct Derived : Base {
	std::string name() const override { return "derived"; }
};

[[noreturn]] __attribute__((noinline)) void thrower(int depth)
{
	Guard guard;

	if (depth == 0)
		throw std::runtime_error("thrown at the bottom");
	thrower(depth - 1);
}

void check_throwing()
{
	destroyed = 0;
	try {
		thrower(20);
	} catch (const std::logic_error &) {
		CHECK(false);
	} catch (const std::exception &error) {
		CHECK_STRING(error.what(), "thrown at the bottom");
	}
	CHECK_EQUAL(destroyed, 21);
	try {
		(void)std::string("short").at(100); // thrown by the library
		CHECK(false);
	} catch (const std::out_of_range &) {
	}
	try {
		std::unique_ptr<Base> base(new Derived);
		if (!dynamic_cast<Derived *>(base.get()))
			CHECK(false);
		throw base->name();
	} catch (const std::string &name) {
		CHECK_STRING(name.c_str(), "derived");
	}
}

} // namespace

int main()
{
	std::vector<std::string> strings;
	std::function<int(int)> add = [&strings](int n) { return n + (int)strings.size(); };
	std::exception_ptr kept;

	roundtrip_begin();
	check_throwing();
	for (int i = 0; i < 100; i++)
		strings.push_back(std::string(50, static_cast<char>('a' + i % 26)));
	try {
		throw std::runtime_error("in flight");
	} catch (const std::exception &error) {
		kept = std::current_exception();
		roundtrip_cut();
		CHECK_STRING(error.what(), "in flight");
	}
	check_throwing();
	CHECK_EQUAL(add(1), 101);
	CHECK_STRING(strings[27].c_str(), std::string(50, 'b').c_str());
	try {
		std::rethrow_exception(kept);
	} catch (const std::runtime_error &error) {
		CHECK_STRING(error.what(), "in flight");
	}
	return 0;
}
