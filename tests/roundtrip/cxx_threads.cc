// SPDX-License-Identifier: GPL-3.0-or-later
//
// std::thread, std::async, condition variables and thread_local objects work in threads
// made after the dump.
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../lib/roundtrip.h"

namespace {

std::atomic<int> made, destroyed;

struct Local {
	std::string text;
	Local() : text("fresh") { made++; }
	~Local() { destroyed++; }
};

thread_local Local local;
std::mutex mutex;
std::condition_variable condition;
int turn;

void take_turn(int mine)
{
	CHECK_STRING(local.text.c_str(), "fresh");
	local.text = "used";
	std::unique_lock<std::mutex> lock(mutex);
	condition.wait(lock, [mine] { return turn == mine; });
	turn++;
	condition.notify_all();
}

} // namespace

int main()
{
	roundtrip_begin();
	local.text = "of main";
	std::thread([] { CHECK_STRING(local.text.c_str(), "fresh"); }).join();
	CHECK(made == 2 && destroyed == 1);
	mutex.lock();
	roundtrip_cut();
	mutex.unlock();
	CHECK_STRING(local.text.c_str(), "of main");
	std::vector<std::thread> threads;
	for (int i = 9; i >= 0; i--)
		threads.emplace_back(take_turn, i);
	for (auto &thread : threads)
		thread.join();
	CHECK_EQUAL(turn, 10);
	CHECK(made == 12 && destroyed == 11);
	CHECK_STRING(local.text.c_str(), "of main");
	auto failing = std::async(std::launch::async, []() -> int {
		throw std::runtime_error("from a thread");
	});
	try {
		failing.get();
		CHECK(false);
	} catch (const std::runtime_error &error) {
		CHECK_STRING(error.what(), "from a thread");
	}
	return 0;
}
