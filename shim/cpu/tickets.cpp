#include "tickets.h"

#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <cstring>

namespace sinter {

namespace {

// state of ticket t in ring[t % window]: t * 4 + phase
enum : uint64_t { kTaken = 0, kClaimed = 1, kFinished = 2 };
std::atomic<uint64_t> ring[kTicketWindow];
std::atomic<uint64_t> next{1};
std::atomic<uint64_t> turn{1};  // every ticket below is finished
std::atomic<int> sleepers{0};
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

struct Failure {
  uint64_t ticket;
  char text[512];
};
constexpr int kFailures = 64;
Failure failures[kFailures];  // guarded by mutex; the last ones
int next_failure = 0;

std::atomic<uint64_t> &cell(uint64_t ticket) { return ring[ticket % kTicketWindow]; }

template <class Condition>
void sleep_until(Condition condition) {
  pthread_mutex_lock(&mutex);
  sleepers.fetch_add(1);
  while (!condition()) pthread_cond_wait(&changed, &mutex);
  sleepers.fetch_sub(1);
  pthread_mutex_unlock(&mutex);
}

}  // namespace

uint64_t ticket_take() {
  uint64_t ticket = next.load();
  do {
    if (ticket - turn.load() >= kTicketWindow) return 0;
  } while (!next.compare_exchange_weak(ticket, ticket + 1));
  cell(ticket).store(ticket * 4 + kTaken);
  return ticket;
}

bool ticket_claim(uint64_t ticket) {
  if (ticket == 0 || ticket >= next.load()) return false;
  uint64_t expected = ticket * 4 + kTaken;
  return cell(ticket).compare_exchange_strong(expected, ticket * 4 + kClaimed);
}

void ticket_await_turn(uint64_t ticket) {
  if (turn.load() == ticket) return;
  sleep_until([&] { return turn.load() == ticket; });
}

void ticket_finish(uint64_t ticket, const char *error) {
  if (error) {
    pthread_mutex_lock(&mutex);
    Failure &failure = failures[next_failure];
    next_failure = (next_failure + 1) % kFailures;
    failure.ticket = ticket;
    snprintf(failure.text, sizeof failure.text, "%s", error);
    pthread_mutex_unlock(&mutex);
  }
  cell(ticket).store(ticket * 4 + kFinished);
  // Whoever finishes the ticket whose turn it is moves the turn over every finished ticket behind it.
  uint64_t current = turn.load();
  bool moved = false;
  while (cell(current).load() == current * 4 + kFinished) {
    if (turn.compare_exchange_strong(current, current + 1)) {
      moved = true;
      current++;
    }
  }
  if (moved && sleepers.load() > 0) {
    pthread_mutex_lock(&mutex);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
  }
}

int ticket_wait(uint64_t ticket, char *error, uint64_t error_bytes) {
  if (ticket == 0 || ticket >= next.load()) return -2;
  if (turn.load() <= ticket) sleep_until([&] { return turn.load() > ticket; });
  int status = 0;
  pthread_mutex_lock(&mutex);
  for (const Failure &failure : failures) {
    if (failure.ticket == ticket) {
      snprintf(error, error_bytes, "%s", failure.text);
      status = -1;
    }
  }
  pthread_mutex_unlock(&mutex);
  return status;
}

}  // namespace sinter
