{
  # npm must not build this by itself: package.json says "gypfile": false. `npm run build:native` does.
  "targets": [
    {
      "target_name": "scrimp",
      "sources": [
        "native/addon.cc",
        "native/base64.cc",
        "native/convert.cc",
        "native/find.cc",
        "native/json_number.cc",
        "native/json_reader.cc",
        "native/json_text.cc",
        "native/output.cc",
        "native/path.cc",
        "native/program.cc",
        "native/utf8.cc",
        "native/utf8_blocks.cc",
        "native/uuid.cc",
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # A thread that is being ended cannot throw any more, and the process must not end with it.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
      ],
      "cflags_cc": [
        "-std=c++20", "-O3", "-Wall", "-Wextra", "-Wno-unused-parameter",
        "-fno-exceptions", "-fno-rtti", "-fvisibility=hidden", "-fstack-protector-strong",
      ],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "conditions": [
        ["OS=='linux'", {"ldflags": ["-static-libstdc++", "-static-libgcc", "-Wl,-z,relro,-z,now"]}],
        ["OS=='mac'", {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
            "GCC_OPTIMIZATION_LEVEL": "3",
            "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "13.3",
          },
        }],
        ["OS=='win'", {"msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/std:c++20"]}}}],
      ],
    },
  ],
}
