// A library for LD_PRELOAD that counts the calls by which a program changes one folder, and at a
// chosen one kills the program, fails the call or does half of it; or writes all of them down, so
// that a test can replay what a power cut might have left. Unlike strace's injection it counts over
// all threads and costs next to nothing. What it is told is in the environment:
//   TRAWL_FAULT_DIR    the folder (absolute); calls on files elsewhere are let through
//   TRAWL_FAULT_MATCH  only calls on paths with this text in them are counted; with a $ behind it,
//                      on paths that end with it
//   TRAWL_FAULT_OPS    only these kinds are counted: letters of "wsturcm" (see Op), default all
//   TRAWL_FAULT_AT     the call that it happens to, from 1; 0: none
//   TRAWL_FAULT_TIMES  to how many in a row; 0: all from then on
//   TRAWL_FAULT_KIND   kill | torn | short | or an errno: EIO, ENOSPC, EINTR, EDQUOT
//   TRAWL_FAULT_DELAY  microseconds that each counted call takes longer
//   TRAWL_FAULT_LOG    a file for all calls in the folder, and for requests sent ("G")
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

// Kinds of calls: write, sync, truncate, unlink, rename, create, make a folder.
enum Op : char {
  op_write = 'w',
  op_sync = 's',
  op_truncate = 't',
  op_unlink = 'u',
  op_rename = 'r',
  op_create = 'c',
  op_mkdir = 'm',
};

enum class Kind { none, kill, torn, half, error };

struct Settings {
  const char* dir = nullptr;
  size_t dir_length = 0;
  const char* match = nullptr;
  const char* ops = nullptr;
  long at = 0;
  long times = 1;
  long delay_us = 0;
  Kind kind = Kind::none;
  int error = 0;
  int log = -1;
};

Settings settings;
long calls = 0;  // atomic
pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;

long number(const char* name, long otherwise) {
  const char* text = getenv(name);
  return text == nullptr ? otherwise : strtol(text, nullptr, 10);
}

int errno_named(const char* name) {
  if (strcmp(name, "EIO") == 0) return EIO;
  if (strcmp(name, "ENOSPC") == 0) return ENOSPC;
  if (strcmp(name, "EINTR") == 0) return EINTR;
  if (strcmp(name, "EDQUOT") == 0) return EDQUOT;
  return 0;
}

// Through the kernel's door, so that nothing of this library is called again.
long raw_write(int fd, const void* data, size_t size) {
  return syscall(SYS_write, fd, data, size);
}

__attribute__((constructor)) void read_settings() {
  settings.dir = getenv("TRAWL_FAULT_DIR");
  if (settings.dir == nullptr) return;
  settings.dir_length = strlen(settings.dir);
  settings.match = getenv("TRAWL_FAULT_MATCH");
  settings.ops = getenv("TRAWL_FAULT_OPS");
  settings.at = number("TRAWL_FAULT_AT", 0);
  settings.times = number("TRAWL_FAULT_TIMES", 1);
  settings.delay_us = number("TRAWL_FAULT_DELAY", 0);
  if (const char* kind = getenv("TRAWL_FAULT_KIND"); kind != nullptr) {
    settings.error = errno_named(kind);
    if (settings.error != 0) settings.kind = Kind::error;
    if (strcmp(kind, "kill") == 0) settings.kind = Kind::kill;
    if (strcmp(kind, "torn") == 0) settings.kind = Kind::torn;
    if (strcmp(kind, "short") == 0) settings.kind = Kind::half;
  }
  if (const char* log = getenv("TRAWL_FAULT_LOG"); log != nullptr)
    settings.log = static_cast<int>(
        syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
}

bool in_folder(const char* path) {
  return settings.dir != nullptr && strncmp(path, settings.dir, settings.dir_length) == 0 &&
         (path[settings.dir_length] == '/' || path[settings.dir_length] == '\0');
}

bool path_of(int fd, char* path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return in_folder(path);
}

bool absolute(const char* path, char* out, size_t size) {
  if (settings.dir == nullptr) return false;
  if (path[0] == '/') {
    snprintf(out, size, "%s", path);
  } else {
    char folder[4096];
    if (getcwd(folder, sizeof folder) == nullptr) return false;
    snprintf(out, size, "%s/%s", folder, path);
  }
  return in_folder(out);
}

unsigned long inode_of(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 ? static_cast<unsigned long>(info.st_ino) : 0;
}

// One line, and for writes the bytes behind it: "w INODE OFFSET BYTES PATH".
void note(char op, unsigned long inode, uint64_t offset, const void* data, size_t bytes,
          const char* path) {
  if (settings.log < 0) return;
  char line[8300];
  const int length = snprintf(line, sizeof line, "%c %lu %llu %zu %s\n", op, inode,
                              static_cast<unsigned long long>(offset), bytes, path);
  pthread_mutex_lock(&log_mutex);
  raw_write(settings.log, line, static_cast<size_t>(length));
  if (data != nullptr) raw_write(settings.log, data, bytes);
  pthread_mutex_unlock(&log_mutex);
}

[[noreturn]] void die() {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

bool matches(const char* path) {
  if (settings.match == nullptr) return true;
  const size_t length = strlen(settings.match);
  if (length == 0 || settings.match[length - 1] != '$')
    return strstr(path, settings.match) != nullptr;
  const size_t path_length = strlen(path);
  return path_length >= length - 1 &&
         strncmp(path + path_length - (length - 1), settings.match, length - 1) == 0;
}

// What happens to this call.
Kind fate(Op op, const char* path) {
  if (!matches(path)) return Kind::none;
  if (settings.ops != nullptr && strchr(settings.ops, op) == nullptr) return Kind::none;
  // SQLite's shared index is memory, rebuilt after every crash.
  if (strstr(path, "-shm") != nullptr) return Kind::none;
  if (settings.delay_us > 0) usleep(static_cast<useconds_t>(settings.delay_us));
  const long number = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
  if (settings.at == 0 || number < settings.at) return Kind::none;
  if (settings.times > 0 && number >= settings.at + settings.times) return Kind::none;
  if (settings.kind == Kind::kill) die();
  return settings.kind;
}

template <class Call>
Call next(const char* name) {
  return reinterpret_cast<Call>(dlsym(RTLD_NEXT, name));
}

// A write of any kind: how many bytes to write, or an error in errno.
ssize_t written(int fd, const void* data, size_t bytes, off_t offset, bool at_offset) {
  const auto call = [&](size_t size) {
    return at_offset ? syscall(SYS_pwrite64, fd, data, size, offset)
                     : syscall(SYS_write, fd, data, size);
  };
  char path[4096];
  if (settings.dir == nullptr || !path_of(fd, path, sizeof path)) return call(bytes);
  const Kind kind = fate(op_write, path);
  if (kind == Kind::error) {
    errno = settings.error;
    return -1;
  }
  if (!at_offset) offset = lseek(fd, 0, SEEK_CUR);
  const size_t size = kind == Kind::none || bytes < 2 ? bytes : bytes / 2;
  const ssize_t done = call(size);
  if (kind == Kind::torn) die();
  if (done > 0)
    note(op_write, inode_of(fd), static_cast<uint64_t>(offset), data, static_cast<size_t>(done),
         path);
  return done;
}

template <class Call>
int on_file(Op op, int fd, uint64_t size, const Call& call) {
  char path[4096];
  if (settings.dir == nullptr || !path_of(fd, path, sizeof path)) return call();
  const Kind kind = fate(op, path);
  if (kind == Kind::torn) die();
  if (kind == Kind::error) {
    errno = settings.error;
    return -1;
  }
  const int result = call();
  if (result == 0) note(op, inode_of(fd), size, nullptr, 0, path);
  return result;
}

template <class Call>
int on_name(Op op, const char* name, const Call& call) {
  char path[4096];
  if (!absolute(name, path, sizeof path)) return call();
  const Kind kind = fate(op, path);
  if (kind == Kind::torn) die();
  if (kind == Kind::error) {
    errno = settings.error;
    return -1;
  }
  const int result = call();
  if (result == 0) note(op, 0, 0, nullptr, 0, path);
  return result;
}

int open_file(int at, const char* name, int flags, mode_t mode) {
  const auto call = [&] { return static_cast<int>(syscall(SYS_openat, at, name, flags, mode)); };
  char path[4096];
  if (settings.dir == nullptr || (flags & O_CREAT) == 0 || at != AT_FDCWD ||
      !absolute(name, path, sizeof path) || syscall(SYS_access, path, F_OK) == 0) {
    const int fd = call();
    if (fd >= 0 && (flags & O_TRUNC) != 0 && path_of(fd, path, sizeof path))
      note(op_truncate, inode_of(fd), 0, nullptr, 0, path);
    return fd;
  }
  const Kind kind = fate(op_create, path);
  if (kind == Kind::torn) die();
  if (kind == Kind::error) {
    errno = settings.error;
    return -1;
  }
  const int fd = call();
  if (fd >= 0) note(op_create, inode_of(fd), 0, nullptr, 0, path);
  return fd;
}

void note_request(const void* data, size_t bytes) {
  const char* text = static_cast<const char*>(data);
  if (settings.log < 0 || bytes < 5 || strncmp(text, "GET ", 4) != 0) return;
  char path[512];
  size_t length = 0;
  while (length + 1 < sizeof path && length + 4 < bytes && text[length + 4] != ' ') ++length;
  memcpy(path, text + 4, length);
  path[length] = '\0';
  note('G', 0, 0, nullptr, 0, path);
}

}  // namespace

#pragma clang diagnostic ignored "-Wshadow"

extern "C" {

ssize_t write(int fd, const void* data, size_t bytes) {
  return written(fd, data, bytes, 0, false);
}
ssize_t pwrite(int fd, const void* data, size_t bytes, off_t offset) {
  return written(fd, data, bytes, offset, true);
}
ssize_t pwrite64(int fd, const void* data, size_t bytes, off_t offset) {
  return written(fd, data, bytes, offset, true);
}
// As one write of all of it, so that half of it may end within a piece.
ssize_t pwritev(int fd, const iovec* pieces, int count, off_t offset) {
  size_t bytes = 0;
  for (int i = 0; i < count; ++i) bytes += pieces[i].iov_len;
  char* const data = static_cast<char*>(malloc(bytes));
  if (data == nullptr) abort();
  size_t copied = 0;
  for (int i = 0; i < count; ++i) {
    memcpy(data + copied, pieces[i].iov_base, pieces[i].iov_len);
    copied += pieces[i].iov_len;
  }
  const ssize_t done = written(fd, data, bytes, offset, true);
  const int error = errno;
  free(data);
  errno = error;
  return done;
}
ssize_t pwritev64(int fd, const iovec* pieces, int count, off_t offset) {
  return pwritev(fd, pieces, count, offset);
}
int fsync(int fd) {
  return on_file(op_sync, fd, 0, [&] { return static_cast<int>(syscall(SYS_fsync, fd)); });
}
int fdatasync(int fd) {
  return on_file(op_sync, fd, 0, [&] { return static_cast<int>(syscall(SYS_fdatasync, fd)); });
}
int ftruncate(int fd, off_t size) {
  return on_file(op_truncate, fd, static_cast<uint64_t>(size),
                 [&] { return static_cast<int>(syscall(SYS_ftruncate, fd, size)); });
}
int ftruncate64(int fd, off_t size) {
  return ftruncate(fd, size);
}
int unlink(const char* name) noexcept {
  return on_name(op_unlink, name, [&] { return static_cast<int>(syscall(SYS_unlink, name)); });
}
int mkdir(const char* name, mode_t mode) noexcept {
  return on_name(op_mkdir, name, [&] { return static_cast<int>(syscall(SYS_mkdir, name, mode)); });
}
int rename(const char* from, const char* to) noexcept {
  char path[4096];
  if (!absolute(from, path, sizeof path)) return static_cast<int>(syscall(SYS_rename, from, to));
  char both[8300];
  char target[4096];
  absolute(to, target, sizeof target);
  snprintf(both, sizeof both, "%s\t%s", path, target);
  const Kind kind = fate(op_rename, path);
  if (kind == Kind::torn) die();
  if (kind == Kind::error) {
    errno = settings.error;
    return -1;
  }
  const int result = static_cast<int>(syscall(SYS_rename, from, to));
  if (result == 0) note(op_rename, 0, 0, nullptr, 0, both);
  return result;
}

int open(const char* name, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return open_file(AT_FDCWD, name, flags, mode);
}
int open64(const char* name, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return open_file(AT_FDCWD, name, flags, mode);
}

ssize_t send(int fd, const void* data, size_t bytes, int flags) {
  note_request(data, bytes);
  using Send = ssize_t (*)(int, const void*, size_t, int);
  static const Send real = next<Send>("send");
  return real(fd, data, bytes, flags);
}

}  // extern "C"
