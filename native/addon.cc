// The only file that knows Node.js. A program becomes an object with two methods; everything else is convert.h.
//
// Each environment (the main thread, a worker thread) has state of its own. What JavaScript passes is read and written
// during the call alone, as the memory of an array may move or go away whenever JavaScript runs again. Failures are
// numbers, see Status in conversion.h; nothing here throws.

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

Napi::Value toNumber(Napi::Env env, size_t number) { return Napi::Number::New(env, static_cast<double>(number)); }

Napi::Value toNumber(Napi::Env env, Status status) { return Napi::Number::New(env, static_cast<int32_t>(status)); }

// Gives memory to a Buffer that frees it; copies where the platform forbids memory from outside.
Napi::Value toBuffer(Napi::Env env, Output& output) {
  const size_t size = output.written();
  return Napi::Buffer<uint8_t>::NewOrCopy(env, output.release(), size,
                                          [](Napi::Env, uint8_t* data) { std::free(data); });
}

// A conversion on the thread pool. Nobody else has its input, which a reference keeps alive: see native.ts.
class ConvertWorker : public Napi::AsyncWorker {
 public:
  ConvertWorker(Napi::Env env, std::shared_ptr<const Program> program, Napi::Value input)
      : Napi::AsyncWorker(env, "scrimp:convert"),
        deferred_(Napi::Promise::Deferred::New(env)),
        program_(std::move(program)),
        pin_(Napi::Persistent(input.As<Napi::Object>())),
        input_(memoryOf(env, input)),
        output_(nullptr, 0, kMostOutput) {}

  Napi::Promise promise() { return deferred_.Promise(); }

  void Execute() override { status_ = convert(*program_, input_.data, input_.size, output_); }

  void OnOK() override {
    deferred_.Resolve(status_ == Status::kOk ? toBuffer(Env(), output_) : toNumber(Env(), status_));
  }

 private:
  Napi::Promise::Deferred deferred_;
  const std::shared_ptr<const Program> program_;
  const Napi::ObjectReference pin_;
  const Memory input_;
  Output output_;
  Status status_ = Status::kDeclined;
};

class ProgramObject : public Napi::ObjectWrap<ProgramObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Program",
                       {
                           InstanceAccessor<&ProgramObject::isSupported>("isSupported"),
                           InstanceMethod<&ProgramObject::convert>("convert"),
                           InstanceMethod<&ProgramObject::convertAsync>("convertAsync"),
                       });
  }

  // new Program(bytes)
  explicit ProgramObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramObject>(info) {
    const Memory bytes = memoryOf(info.Env(), info[0]);
    program_ = Program::load(bytes.data, bytes.size);
    if (program_ != nullptr && !scrimp::isSupported(*program_)) program_ = nullptr;
  }

 private:
  // False for what is no program of this version, or not for native code: the methods decline then.
  Napi::Value isSupported(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), program_ != nullptr);
  }

  // convert(bytes, target, offset): a number of bytes in the target from the offset on, a Buffer when they do not fit
  // there, or a Status.
  Napi::Value convert(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const Memory input = memoryOf(env, info[0]);
    const Memory target = memoryOf(env, info[1]);
    uint32_t offset = 0;
    if (program_ == nullptr || napi_get_value_uint32(env, info[2], &offset) != napi_ok || offset > target.size) {
      return toNumber(env, Status::kDeclined);
    }
    Output output(target.data + offset, target.size - offset, kMostOutput);
    const Status status = scrimp::convert(*program_, input.data, input.size, output);
    if (status != Status::kOk) return toNumber(env, status);
    return output.hasOwnMemory() ? toBuffer(env, output) : toNumber(env, output.written());
  }

  // convertAsync(bytes): a promise of a Buffer or a Status.
  Napi::Value convertAsync(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (program_ == nullptr || !info[0].IsTypedArray()) return toNumber(env, Status::kDeclined);
    auto* worker = new ConvertWorker(env, program_, info[0]);
    worker->Queue();
    return worker->promise();
  }

  std::shared_ptr<const Program> program_;
};

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  exports.Set("Program", ProgramObject::define(env));
  return exports;
}

NODE_API_MODULE(scrimp, initialise)

}  // namespace

}  // namespace scrimp
