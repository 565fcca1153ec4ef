// A process that writes by several threads is killed; nothing that was synced is lost.
#include "stores.hpp"

#include <csignal>
#include <cstdlib>
#include <set>
#include <sys/wait.h>
#include <thread>

#include "rocksdb/write_batch.h"

using namespace tests;

namespace {

constexpr int kWriters = 3;  // threads, which take numbers in turn

// Puts batches of ten keys, synced; tells each number when it is done.
[[noreturn]] void write_from(rocksdb::DB* db, int number, int pipe) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  for (;; number += kWriters) {
    rocksdb::WriteBatch batch;
    for (int i = 0; i < 10; ++i) batch.Put(std::to_string(number * 7919 % 100003) + "/" + std::to_string(i), std::to_string(number));
    if (!db->Write(synced, &batch).ok() || write(pipe, &number, sizeof number) != sizeof number) _exit(2);
  }
}

[[noreturn]] void write_for_good(const std::string& path, int number, int pipe) {
  rocksdb::DB* db = nullptr;
  if (!rocksdb::DB::Open(options_with(learnedidx::NewMemtableFactory()), path, &db).ok()) _exit(1);
  for (int i = 1; i < kWriters; ++i) std::thread([=] { write_from(db, number + i, pipe); }).detach();
  write_from(db, number, pipe);
}

// Lets it write for a while; adds the numbers that it told.
void write_and_kill(const std::string& path, int number, std::mt19937_64& random, std::set<int>& told) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) write_for_good(path, number, ends[1]);
  close(ends[1]);
  int last = 0;
  for (auto left = 1 + random() % 40; left > 0 && read(ends[0], &last, sizeof last) == sizeof last; --left) told.insert(last);
  kill(child, SIGKILL);
  while (read(ends[0], &last, sizeof last) == sizeof last) told.insert(last);
  close(ends[0]);
  int status;
  waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("a writer that is killed again and again loses nothing that was synced") {
  const Folder folder;
  const std::string path = folder / "killed";
  std::mt19937_64 random(1);
  const int times = std::getenv("LEARNEDIDX_LONG") ? 100 : 12;
  std::set<int> told;
  std::size_t lost = 0;
  for (int i = 0; i < times; ++i) {
    write_and_kill(path, told.empty() ? 0 : *told.rbegin() + kWriters, random, told);
    rocksdb::DB* made = nullptr;
    REQUIRE(rocksdb::DB::Open(options_with(learnedidx::NewMemtableFactory()), path, &made).ok());
    const std::unique_ptr<rocksdb::DB> db(made);
    std::string value;
    for (const int n : told)
      for (int j = 0; j < 10; ++j) {
        const auto status = db->Get({}, std::to_string(n * 7919 % 100003) + "/" + std::to_string(j), &value);
        lost += !status.ok() || value != std::to_string(n);
      }
  }
  CHECK(told.size() > static_cast<std::size_t>(times));
  CHECK(lost == 0);
}
