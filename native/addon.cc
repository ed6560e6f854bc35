// The only file that knows Node.js. A program and the paths through its messages become functions; everything else is
// convert.h and find.h.
//
// There is no state but programs, paths and the places of what was found last, which belong to the environment (the
// main thread, a worker thread) that loaded them. What else JavaScript passes is read and written during the call
// alone, as the memory of an array may move or go away whenever JavaScript runs again. Failures are numbers, see Status
// in conversion.h; nothing here throws.
//
// What converts is written in plain N-API: the classes of node-addon-api cost a short call half of its time, and they
// hand on what was never made when a call fails, as all do in a thread that is being ended.

#include <napi.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "convert.h"
#include "find.h"

namespace scrimp {

namespace {

// Outputs that are so much longer than their input are left to the codecs, which count what they take in memory: names
// of members and defaults make a little longer what a field that comes a million times would make a million times as
// long.
size_t mostOutput(size_t inputSize) {
  constexpr size_t kMostGrowth = 16;
  constexpr size_t kAlwaysAllowed = 1024 * 1024;
  // The longest array that every Node.js has.
  constexpr size_t kLongest = 0x7fffffff;
  return std::min(kLongest, std::min(kLongest, inputSize) * kMostGrowth + kAlwaysAllowed);
}

// Memory in JavaScript's hands. Empty where it went away.
struct Memory {
  uint8_t* data = nullptr;
  size_t size = 0;
};

Memory memoryOf(napi_env env, napi_value array) {
  Memory memory;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, array, nullptr, &memory.size, &data, nullptr, nullptr) != napi_ok) return {};
  memory.data = static_cast<uint8_t*>(data);
  return memory;
}

napi_value toNumber(napi_env env, int32_t number) {
  napi_value result = nullptr;
  napi_create_int32(env, number, &result);
  return result;
}

napi_value toNumber(napi_env env, Status status) { return toNumber(env, static_cast<int32_t>(status)); }

void freeMemory(napi_env, void* data, void*) { std::free(data); }

// Gives memory to a Buffer that frees it; copies where the platform forbids memory from outside. nullptr in a thread
// that is being ended.
napi_value toBuffer(napi_env env, Output& output) {
  const size_t size = output.written();
  uint8_t* const data = output.release();
  napi_value result = nullptr;
  if (napi_create_external_buffer(env, size, data, freeMemory, nullptr, &result) == napi_ok) return result;
  if (napi_create_buffer_copy(env, size, data, nullptr, &result) != napi_ok) result = nullptr;
  std::free(data);
  return result;
}

// Where the places of what was found stand, for JavaScript to read: numbers cost less there than objects.
struct EnvironmentState {
  int32_t* places;
  Napi::ObjectReference pin;
};

using SharedProgram = std::shared_ptr<const Program>;

// What a function of a program has.
struct LoadedProgram {
  SharedProgram program;
};

// What a function of a path has.
struct LoadedPath {
  SharedProgram program;
  std::unique_ptr<const Path> path;
  int32_t* places;
};

// convert(bytes, target, offset): a number of bytes in the target from the offset on, a Buffer when they do not fit
// there, or a Status.
napi_value convertNow(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok) return nullptr;
  const Program& program = *static_cast<LoadedProgram*>(data)->program;
  const Memory input = memoryOf(env, arguments[0]);
  const Memory target = memoryOf(env, arguments[1]);
  uint32_t offset = 0;
  if (napi_get_value_uint32(env, arguments[2], &offset) != napi_ok || offset > target.size) {
    return toNumber(env, Status::kDeclined);
  }
  Output output(target.data + offset, target.size - offset, mostOutput(input.size));
  const Status status = convert(program, input.data, input.size, output);
  if (status != Status::kOk) return toNumber(env, status);
  return output.hasOwnMemory() ? toBuffer(env, output) : toNumber(env, static_cast<int32_t>(output.written()));
}

// find(bytes): what kind of place was found, or a Status. The places themselves stand where JavaScript reads them.
napi_value findNow(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, &data) != napi_ok) return nullptr;
  const LoadedPath& loaded = *static_cast<LoadedPath*>(data);
  const Memory input = memoryOf(env, argument);
  Found found;
  if (!find(*loaded.program, *loaded.path, input.data, input.size, &found)) return toNumber(env, Status::kRefused);
  std::memcpy(loaded.places, found.places, sizeof found.places);
  return toNumber(env, static_cast<int32_t>(found.kind));
}

// skip(bytes, offset): where the struct ends that starts there, or a Status.
napi_value skipNow(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok) return nullptr;
  const Memory input = memoryOf(env, arguments[0]);
  uint32_t offset = 0;
  size_t end = 0;
  const bool isSkipped = napi_get_value_uint32(env, arguments[1], &offset) == napi_ok &&
                         skipStruct(*static_cast<LoadedProgram*>(data)->program, input.data, input.size, offset, &end);
  return isSkipped ? toNumber(env, static_cast<int32_t>(end)) : toNumber(env, Status::kRefused);
}

// A conversion on the thread pool. Nobody else has its input, which a reference keeps alive: see native.ts.
struct Job {
  Job(SharedProgram program, Memory input)
      : program(std::move(program)), input(input), output(nullptr, 0, mostOutput(input.size)) {}

  const SharedProgram program;
  const Memory input;
  Output output;
  Status status = Status::kDeclined;
  napi_ref pin = nullptr;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

void executeJob(napi_env, void* data) {
  Job& job = *static_cast<Job*>(data);
  job.status = convert(*job.program, job.input.data, job.input.size, job.output);
}

// Runs in the thread of JavaScript; in one that is being ended nothing can be told any more.
void completeJob(napi_env env, napi_status status, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  if (status == napi_ok) {
    const bool hasOutput = job->status == Status::kOk && job->output.hasOwnMemory();
    napi_resolve_deferred(env, job->deferred, hasOutput ? toBuffer(env, job->output) : toNumber(env, job->status));
  }
  napi_delete_reference(env, job->pin);
  napi_delete_async_work(env, job->work);
}

// convertAsync(bytes): a promise of a Buffer or a Status.
napi_value convertOnPool(napi_env env, napi_callback_info info) {
  napi_value input, name, promise;
  size_t count = 1;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, &input, nullptr, &data) != napi_ok) return nullptr;
  auto job = std::make_unique<Job>(static_cast<LoadedProgram*>(data)->program, memoryOf(env, input));
  if (napi_create_reference(env, input, 1, &job->pin) != napi_ok) return toNumber(env, Status::kDeclined);
  const bool isQueued =
      napi_create_string_utf8(env, "scrimp:convert", NAPI_AUTO_LENGTH, &name) == napi_ok &&
      napi_create_async_work(env, nullptr, name, executeJob, completeJob, job.get(), &job->work) == napi_ok &&
      napi_create_promise(env, &job->deferred, &promise) == napi_ok && napi_queue_async_work(env, job->work) == napi_ok;
  if (isQueued) {
    // completeJob() has it now.
    job.release();
    return promise;
  }
  if (job->work != nullptr) napi_delete_async_work(env, job->work);
  napi_delete_reference(env, job->pin);
  return toNumber(env, Status::kDeclined);
}

// A function that owns what it is called with.
template <typename Loaded>
Napi::Value defineFunction(Napi::Env env, const char* name, napi_callback callback, std::unique_ptr<Loaded> loaded) {
  napi_value function = nullptr;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, loaded.get(), &function) != napi_ok) {
    return env.Undefined();
  }
  Napi::Function(env, function).AddFinalizer([](Napi::Env, Loaded* owned) { delete owned; }, loaded.release());
  return Napi::Value(env, function);
}

// finder(path): the function that finds in messages of the program what a path leads to, undefined for what is no path,
// and for protocols that find.h does not read.
napi_value loadPath(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, &data) != napi_ok) return nullptr;
  const Memory bytes = memoryOf(env, argument);
  const SharedProgram& program = static_cast<LoadedProgram*>(data)->program;
  std::unique_ptr<const Path> path = Path::load(bytes.data, bytes.size);
  if (path == nullptr || !canFind(*program)) return nullptr;
  int32_t* const places = Napi::Env(env).GetInstanceData<EnvironmentState>()->places;
  auto loaded = std::make_unique<LoadedPath>(LoadedPath{program, std::move(path), places});
  return defineFunction(env, "find", findNow, std::move(loaded));
}

// load(bytes): the functions of a program, undefined for what is no program of this version.
Napi::Value load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Memory bytes = memoryOf(env, info[0]);
  const SharedProgram program = Program::load(bytes.data, bytes.size);
  if (program == nullptr) return env.Undefined();
  Napi::Object functions = Napi::Object::New(env);
  const auto define = [&](const char* name, napi_callback callback) {
    functions.Set(name, defineFunction(env, name, callback, std::make_unique<LoadedProgram>(LoadedProgram{program})));
  };
  define("convert", convertNow);
  define("convertAsync", convertOnPool);
  define("finder", loadPath);
  define("skip", skipNow);
  return functions;
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  // Nobody but native.ts has it, and it is kept alive: it neither moves nor goes away.
  Napi::ArrayBuffer places = Napi::ArrayBuffer::New(env, kMostPlaces * sizeof(int32_t));
  env.SetInstanceData(
      new EnvironmentState{static_cast<int32_t*>(places.Data()), Napi::Persistent(places.As<Napi::Object>())});
  exports.DefineProperty(Napi::PropertyDescriptor::Value("places", places, napi_enumerable));
  exports.Set("load", Napi::Function::New<load>(env, "load"));
  return exports;
}

NODE_API_MODULE(scrimp, initialise)

}  // namespace

}  // namespace scrimp
