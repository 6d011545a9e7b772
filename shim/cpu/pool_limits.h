// pool_limits.h: bounds shared by the files of the thread pool.
#pragma once

namespace sinter {

constexpr int max_threads = 256;

}  // namespace sinter
