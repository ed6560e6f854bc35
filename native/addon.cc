// The only file that knows Node.js. A program becomes two functions; everything else is convert.h.
//
// There is no state but programs and the scratch, which belong to the environment (the main thread, a worker thread)
// that loaded them. What else JavaScript passes is read and written during the call alone, as the memory of an array
// may move or go away whenever JavaScript runs again. Failures are numbers, see Status in conversion.h; nothing here
// throws.
//
// What converts is written in plain N-API: the classes of node-addon-api cost a short call half of its time, and they
// hand on what was never made when a call fails, as all do in a thread that is being ended.

#include <napi.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "convert.h"

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

// Where short calls write: see native.ts.
constexpr size_t kScratchBytes = 64 * 1024;

// What an environment has.
struct EnvironmentState {
  Memory scratch;
  Napi::ObjectReference pin;
};

using SharedProgram = std::shared_ptr<const Program>;

// What a function of a program has.
struct Loaded {
  SharedProgram program;
  Memory scratch;
};

// convert(bytes, target, offset): a number of bytes in the target from the offset on, a Buffer when they do not fit
// there, or a Status. convert(bytes): the same, in the scratch from its start on.
napi_value convertNow(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok) return nullptr;
  const Loaded& loaded = *static_cast<Loaded*>(data);
  const Memory input = memoryOf(env, arguments[0]);
  Memory target = loaded.scratch;
  uint32_t offset = 0;
  if (count == 3) {
    target = memoryOf(env, arguments[1]);
    if (napi_get_value_uint32(env, arguments[2], &offset) != napi_ok || offset > target.size) {
      return toNumber(env, Status::kDeclined);
    }
  }
  Output output(target.data + offset, target.size - offset, mostOutput(input.size));
  const Status status = convert(*loaded.program, input.data, input.size, output);
  if (status != Status::kOk) return toNumber(env, status);
  return output.hasOwnMemory() ? toBuffer(env, output) : toNumber(env, static_cast<int32_t>(output.written()));
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
  auto job = std::make_unique<Job>(static_cast<Loaded*>(data)->program, memoryOf(env, input));
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

// A function that has a program, and frees its share of it with itself.
Napi::Value defineFunction(Napi::Env env, const char* name, napi_callback callback, const SharedProgram& program) {
  auto* loaded = new Loaded{program, env.GetInstanceData<EnvironmentState>()->scratch};
  napi_value function = nullptr;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, loaded, &function) != napi_ok) {
    delete loaded;
    return env.Undefined();
  }
  Napi::Function(env, function).AddFinalizer([](Napi::Env, Loaded* owned) { delete owned; }, loaded);
  return Napi::Value(env, function);
}

// load(bytes): the two functions of a program, undefined for what is no program of this version.
Napi::Value load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Memory bytes = memoryOf(env, info[0]);
  const SharedProgram program = Program::load(bytes.data, bytes.size);
  if (program == nullptr) return env.Undefined();
  Napi::Object functions = Napi::Object::New(env);
  functions.Set("convert", defineFunction(env, "convert", convertNow, program));
  functions.Set("convertAsync", defineFunction(env, "convertAsync", convertOnPool, program));
  return functions;
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  // Nobody but native.ts has it, and it is kept alive: it neither moves nor goes away.
  Napi::ArrayBuffer scratch = Napi::ArrayBuffer::New(env, kScratchBytes);
  const Memory memory{static_cast<uint8_t*>(scratch.Data()), scratch.ByteLength()};
  env.SetInstanceData(new EnvironmentState{memory, Napi::Persistent(scratch.As<Napi::Object>())});
  exports.DefineProperty(Napi::PropertyDescriptor::Value("scratch", scratch, napi_enumerable));
  exports.Set("load", Napi::Function::New<load>(env, "load"));
  return exports;
}

NODE_API_MODULE(scrimp, initialise)

}  // namespace

}  // namespace scrimp
