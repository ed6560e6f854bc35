// The only file that knows Node.js. A program becomes two functions; everything else is convert.h.
//
// There is no state but programs, which belong to the environment (the main thread, a worker thread) that loaded them.
// What JavaScript passes is read and written during the call alone, as the memory of an array may move or go away
// whenever JavaScript runs again. Failures are numbers, see Status in conversion.h; nothing here throws.

#include <napi.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "convert.h"

namespace scrimp {

namespace {

// The longest array that every Node.js has.
constexpr size_t kMostOutput = 0x7fffffff;

// Memory in JavaScript's hands. Empty where it went away.
struct Memory {
  uint8_t* data = nullptr;
  size_t size = 0;
};

// Not by Napi::Uint8Array, which asks for the buffer and its offset as well: half of the time of a short call.
Memory memoryOf(napi_env env, napi_value array) {
  Memory memory;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, array, nullptr, &memory.size, &data, nullptr, nullptr) != napi_ok) return {};
  memory.data = static_cast<uint8_t*>(data);
  return memory;
}

Napi::Value toNumber(Napi::Env env, Status status) { return Napi::Number::New(env, static_cast<int32_t>(status)); }

// Gives memory to a Buffer that frees it; copies where the platform forbids memory from outside.
Napi::Value toBuffer(Napi::Env env, Output& output) {
  const size_t size = output.written();
  return Napi::Buffer<uint8_t>::NewOrCopy(env, output.release(), size,
                                          [](Napi::Env, uint8_t* data) { std::free(data); });
}

// What the functions of a program share, for as long as one of them is alive.
using SharedProgram = std::shared_ptr<const Program>;

// convert(bytes, target, offset): a number of bytes in the target from the offset on, a Buffer when they do not fit
// there, or a Status. By N-API itself: the classes around it take 60 ns, as long as a short message.
napi_value convertNow(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok) return nullptr;
  const Memory input = memoryOf(env, arguments[0]);
  const Memory target = memoryOf(env, arguments[1]);
  uint32_t offset = 0;
  if (napi_get_value_uint32(env, arguments[2], &offset) != napi_ok || offset > target.size) {
    return toNumber(env, Status::kDeclined);
  }
  Output output(target.data + offset, target.size - offset, kMostOutput);
  const Status status = convert(**static_cast<SharedProgram*>(data), input.data, input.size, output);
  if (status == Status::kOk && output.hasOwnMemory()) return toBuffer(env, output);
  const int32_t number = status == Status::kOk ? static_cast<int32_t>(output.written()) : static_cast<int32_t>(status);
  napi_value result = nullptr;
  napi_create_int32(env, number, &result);
  return result;
}

// A conversion on the thread pool. Nobody else has its input, which a reference keeps alive: see native.ts.
class ConvertWorker : public Napi::AsyncWorker {
 public:
  ConvertWorker(Napi::Env env, SharedProgram program, Napi::Value input)
      : Napi::AsyncWorker(env, "scrimp:convert"),
        deferred_(Napi::Promise::Deferred::New(env)),
        program_(std::move(program)),
        pin_(Napi::Persistent(input.As<Napi::Object>())),
        input_(memoryOf(env, input)),
        output_(nullptr, 0, kMostOutput) {}

  Napi::Promise promise() { return deferred_.Promise(); }

  void Execute() override { status_ = convert(*program_, input_.data, input_.size, output_); }

  void OnOK() override {
    const bool hasOutput = status_ == Status::kOk && output_.hasOwnMemory();
    deferred_.Resolve(hasOutput ? toBuffer(Env(), output_) : toNumber(Env(), status_));
  }

 private:
  Napi::Promise::Deferred deferred_;
  const SharedProgram program_;
  const Napi::ObjectReference pin_;
  const Memory input_;
  Output output_;
  Status status_ = Status::kDeclined;
};

// convertAsync(bytes): a promise of a Buffer or a Status.
Napi::Value convertOnPool(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsTypedArray()) return toNumber(env, Status::kDeclined);
  auto* worker = new ConvertWorker(env, *static_cast<SharedProgram*>(info.Data()), info[0]);
  worker->Queue();
  return worker->promise();
}

// load(bytes): the two functions of a program, undefined for what is no program of this version or not for native code.
Napi::Value load(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Memory bytes = memoryOf(env, info[0]);
  SharedProgram program = Program::load(bytes.data, bytes.size);
  if (program == nullptr || !isSupported(*program)) return env.Undefined();
  const auto free = [](Napi::Env, SharedProgram* owned) { delete owned; };
  auto* forNow = new SharedProgram(program);
  napi_value now = nullptr;
  if (napi_create_function(env, "convert", NAPI_AUTO_LENGTH, convertNow, forNow, &now) != napi_ok) {
    delete forNow;
    return env.Undefined();
  }
  Napi::Function(env, now).AddFinalizer(free, forNow);
  auto* forPool = new SharedProgram(program);
  Napi::Function onPool = Napi::Function::New<convertOnPool>(env, "convertAsync", forPool);
  onPool.AddFinalizer(free, forPool);
  Napi::Object functions = Napi::Object::New(env);
  functions.Set("convert", now);
  functions.Set("convertAsync", onPool);
  return functions;
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("load", Napi::Function::New<load>(env, "load"));
  return exports;
}

NODE_API_MODULE(scrimp, initialise)

}  // namespace

}  // namespace scrimp
