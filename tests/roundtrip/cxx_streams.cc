// SPDX-License-Identifier: GPL-3.0-or-later
//
// C++ streams work after the dump, nothing is printed twice, and static objects are
// destroyed once, when the dump ends.
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>

#include "../lib/roundtrip.h"

namespace {

struct Global {
	std::map<std::string, int> numbers;
	~Global()
	{
		std::cout << "destroyed with " << numbers.size() << std::endl;
	}
};

Global global;

Global &local()
{
	static Global object;
	return object;
}

} // namespace

int main()
{
	roundtrip_begin();
	char *dump = roundtrip_path("dump"), *out = roundtrip_path("out");

	global.numbers["one"] = 1;
	local().numbers["a"] = 1;
	local().numbers["b"] = 2;
	CHECK(freopen(out, "w", stdout));
	std::cout << std::hex << "before" << 255;
	if (roundtrip_dump(dump, nullptr) == UNEXEC_RESUMED) {
		std::cout << "after" << 255 << std::dec << ' '
			  << std::setprecision(3) << 3.14159 << '\n';
		CHECK_EQUAL(global.numbers["one"], 1);
		std::istringstream text("12 words");
		int number;
		std::string word;
		text >> number >> word;
		CHECK(number == 12 && word == "words");
		std::ifstream self("/proc/self/comm");
		std::getline(self, word);
		CHECK_STRING(word.c_str(), "dump");
		return 0;
	}
	CHECK(freopen(out, "a", stdout));
	struct roundtrip how = {};
	CHECK_EQUAL(roundtrip_run(dump, &how), 0);
	CHECK_STRING(roundtrip_read(out),
		     "beforeff"
		     "afterff 3.14\ndestroyed with 2\ndestroyed with 1\n");
	_exit(0);
}
