#pragma once

// Which sanitizer a test is compiled with, 1 or 0: GCC says so in one way, clang in another.

#if defined(__has_feature)
#define SAGA_HARNESS_UNDER_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#define SAGA_HARNESS_UNDER_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#ifdef __SANITIZE_ADDRESS__
#define SAGA_HARNESS_UNDER_ADDRESS_SANITIZER 1
#else
#define SAGA_HARNESS_UNDER_ADDRESS_SANITIZER 0
#endif
#ifdef __SANITIZE_THREAD__
#define SAGA_HARNESS_UNDER_THREAD_SANITIZER 1
#else
#define SAGA_HARNESS_UNDER_THREAD_SANITIZER 0
#endif
#endif
