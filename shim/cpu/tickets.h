// tickets.h: the order of runs. Tickets are 1, 2, 3, ...; a run waits until every earlier ticket is finished or skipped.
#pragma once
#include <cstdint>

namespace sinter {

// At most this many tickets may be outstanding at a time.
constexpr uint64_t kTicketWindow = 65536;

// The next ticket; 0 when too many are outstanding.
uint64_t ticket_take();

// Claims a ticket for a run or a skip; false when it was never taken, or is used already.
bool ticket_claim(uint64_t ticket);

// Waits for the claimed ticket's turn.
void ticket_await_turn(uint64_t ticket);

// Marks a claimed ticket finished. `error` (null: success) is kept for `ticket_wait`.
void ticket_finish(uint64_t ticket, const char *error);

// Waits until the ticket is finished; 0, or -1 with its run's error copied to `error`. -2 when it was never taken.
int ticket_wait(uint64_t ticket, char *error, uint64_t error_bytes);

}  // namespace sinter
