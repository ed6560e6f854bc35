// The only file that knows Node.js. Programs become objects with three methods; everything else is convert.h.
//
// Each environment (main thread, worker threads) has state of its own. What JavaScript passes is read and written
// during the call alone: the memory of an array may move or go away whenever JavaScript runs again. Failures are
// numbers (see Status in conversion.h); nothing here throws.

#include <napi.h>

#include <memory>

#include "convert.h"

namespace scrimp {

namespace {

// Outputs up to this size need no memory of their own on the way.
constexpr size_t kScratchBytes = 64 * 1024;

// The longest array that every Node.js has.
constexpr size_t kMostOutput = 0x7fffffff;

struct EnvironmentState {
  std::unique_ptr<uint8_t[]> scratch = std::make_unique<uint8_t[]>(kScratchBytes);
};

// Memory that grows and was not enough is for others to try: only lent memory is too small.
Status convertGrowing(const Program& program, const uint8_t* bytes, size_t size, Output& output) {
  const Status status = convert(program, bytes, size, output);
  return status == Status::kNoRoom ? Status::kDeclined : status;
}

Napi::Value codeOf(Napi::Env env, Status status) { return Napi::Number::New(env, static_cast<int32_t>(status)); }

// Gives memory to a Buffer that frees it; copies where the platform forbids memory from outside.
Napi::Value toBuffer(Napi::Env env, Output& output) {
  const size_t size = output.written();
  if (!output.hasOwnMemory()) return Napi::Buffer<uint8_t>::Copy(env, output.begin(), size);
  return Napi::Buffer<uint8_t>::NewOrCopy(env, output.release(), size,
                                          [](Napi::Env, uint8_t* data) { std::free(data); });
}

// A conversion on the thread pool. Its input is pinned by a reference, and nobody else has it: see native.ts.

class ConvertWorker : public Napi::AsyncWorker {
 public:
  ConvertWorker(Napi::Env env, std::shared_ptr<const Program> program, Napi::Uint8Array input)
      : Napi::AsyncWorker(env, "scrimp:convert"),
        deferred_(Napi::Promise::Deferred::New(env)),
        program_(std::move(program)),
        pin_(Napi::Persistent(input.As<Napi::Object>())),
        data_(input.Data()),
        size_(input.ByteLength()),
        output_(nullptr, 0, kMostOutput) {}

  Napi::Promise promise() { return deferred_.Promise(); }

  void Execute() override { status_ = convertGrowing(*program_, data_, size_, output_); }

  void OnOK() override {
    deferred_.Resolve(status_ == Status::kOk ? toBuffer(Env(), output_) : codeOf(Env(), status_));
  }

 private:
  Napi::Promise::Deferred deferred_;
  const std::shared_ptr<const Program> program_;
  const Napi::ObjectReference pin_;
  const uint8_t* const data_;
  const size_t size_;
  Output output_;
  Status status_ = Status::kDeclined;
};

class ProgramObject : public Napi::ObjectWrap<ProgramObject> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "Program",
                       {
                           InstanceMethod<&ProgramObject::convert>("convert"),
                           InstanceMethod<&ProgramObject::convertInto>("convertInto"),
                           InstanceMethod<&ProgramObject::convertAsync>("convertAsync"),
                       });
  }

  explicit ProgramObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramObject>(info) {
    if (!info[0].IsTypedArray()) return;
    const Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
    program_ = Program::load(bytes.Data(), bytes.ByteLength());
    if (program_ != nullptr && !isSupported(*program_)) program_ = nullptr;
  }

 private:
  Napi::Value convert(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (program_ == nullptr || !info[0].IsTypedArray()) return codeOf(env, Status::kDeclined);
    const Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
    Output output(scratch(env), kScratchBytes, kMostOutput);
    const Status status = convertGrowing(*program_, bytes.Data(), bytes.ByteLength(), output);
    return status == Status::kOk ? toBuffer(env, output) : codeOf(env, status);
  }

  Napi::Value convertInto(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    return codeOf(env, Status::kDeclined);
  }

  Napi::Value convertAsync(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (program_ == nullptr || !info[0].IsTypedArray()) return codeOf(env, Status::kDeclined);
    auto* worker = new ConvertWorker(env, program_, info[0].As<Napi::Uint8Array>());
    worker->Queue();
    return worker->promise();
  }

  static uint8_t* scratch(Napi::Env env) { return env.GetInstanceData<EnvironmentState>()->scratch.get(); }

  std::shared_ptr<const Program> program_;
};

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new EnvironmentState());
  exports.Set("Program", ProgramObject::define(env));
  return exports;
}

}  // namespace

}  // namespace scrimp

static Napi::Object initialiseAddon(Napi::Env env, Napi::Object exports) { return scrimp::initialise(env, exports); }

NODE_API_MODULE(scrimp, initialiseAddon)
