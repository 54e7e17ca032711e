// SPDX-License-Identifier: GPL-3.0-or-later
//
// C++ threads that wait for a condition variable, a future and a thread's end across the dump
// continue in it; exceptions cross threads; thread_local objects are destroyed.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../lib/roundtrip.h"

namespace {

std::atomic<int> destroyed, waiting;
std::mutex mutex;
std::condition_variable condition;
bool open_now;

struct Local {
	std::string text = "a string that is too long to be kept within";
	~Local() { destroyed++; }
};
thread_local Local local;

std::string wait_for_door(int number)
{
	local.text += std::to_string(number);
	std::unique_lock<std::mutex> lock(mutex);
	waiting++;
	condition.wait(lock, [] { return open_now; });
	if (number == 3)
		throw std::runtime_error(local.text);
	return local.text;
}

} // namespace

int main()
{
	unexec_options keep = {};
	std::vector<std::future<std::string>> futures;
	std::promise<int> promise;
	std::atomic<int> seen{0};

	keep.size = sizeof(keep);
	keep.threads = UNEXEC_THREADS_KEEP;
	roundtrip_begin();
	for (int i = 0; i < 6; i++)
		futures.push_back(std::async(std::launch::async, wait_for_door, i));
	auto shared = promise.get_future().share();
	std::thread receiver([&] { seen = shared.get(); });
	std::thread joiner([&] { receiver.join(); });
	while (waiting < 6)
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	roundtrip how = {};
	how.options = &keep;
	roundtrip_cut_with(&how);
	CHECK(futures[0].wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
	promise.set_value(4711);
	joiner.join();
	CHECK_EQUAL(seen, 4711);
	{
		std::lock_guard<std::mutex> lock(mutex);
		open_now = true;
	}
	condition.notify_all();
	for (int i = 0; i < 6; i++) {
		std::string expected = Local().text + std::to_string(i), got;
		try {
			got = futures[i].get();
			CHECK(i != 3);
		} catch (const std::runtime_error &error) {
			CHECK_EQUAL(i, 3);
			got = error.what();
		}
		CHECK_STRING(got.c_str(), expected.c_str());
	}
	CHECK(destroyed >= 6);
	return 0;
}
