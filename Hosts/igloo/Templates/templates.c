// SPDX-License-Identifier: MIT

#include "igloo_templates.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#define FILE_(name) static const unsigned char name[] =

FILE_(readme) {
#embed "Files/README.md"
};
FILE_(gitignore) {
#embed "Files/gitignore"
};
FILE_(manifest) {
#embed "Files/acme.toml"
};
FILE_(conformance) {
#embed "Files/conformance.toml"
};

FILE_(header) {
#embed "../../../SDK/CIgloo/include/igloo.h"
};
FILE_(arrow_header) {
#embed "../../../SDK/CIgloo/include/arrow_c_data.h"
};
FILE_(version_script) {
#embed "../../../SDK/CIgloo/igloo.map"
};

FILE_(c_connector) {
#embed "Files/c/acme.c"
};
FILE_(c_arrow) {
#embed "Files/c/arrow.c"
};
FILE_(c_arrow_header) {
#embed "Files/c/arrow.h"
};
FILE_(c_makefile) {
#embed "Files/c/Makefile"
};

FILE_(rust_connector) {
#embed "Files/rust/acme.rs"
};
FILE_(rust_arrow) {
#embed "Files/rust/arrow.rs"
};
FILE_(rust_header) {
#embed "Files/rust/igloo.rs"
};
FILE_(rust_makefile) {
#embed "Files/rust/Makefile"
};

FILE_(swift_package) {
#embed "Files/swift/Package.swift"
};
FILE_(swift_connector) {
#embed "Files/swift/AcmeConnector.swift"
};
FILE_(swift_entry) {
#embed "Files/swift/Entry.swift"
};
FILE_(swift_note) {
#embed "Files/swift/note.c"
};

#define TEMPLATE(language, path, name) {language, path, name, sizeof name}

static const igloo_template templates[] = {
    TEMPLATE("", "README.md", readme),
    TEMPLATE("", ".gitignore", gitignore),
    TEMPLATE("", "acme.toml", manifest),
    TEMPLATE("", "conformance.toml", conformance),
    TEMPLATE("c", "include/igloo.h", header),
    TEMPLATE("c", "include/arrow_c_data.h", arrow_header),
    TEMPLATE("c", "include/igloo.map", version_script),
    TEMPLATE("c", "acme.c", c_connector),
    TEMPLATE("c", "arrow.c", c_arrow),
    TEMPLATE("c", "arrow.h", c_arrow_header),
    TEMPLATE("c", "Makefile", c_makefile),
    TEMPLATE("rust", "include/igloo.h", header),
    TEMPLATE("rust", "acme.rs", rust_connector),
    TEMPLATE("rust", "arrow.rs", rust_arrow),
    TEMPLATE("rust", "igloo.rs", rust_header),
    TEMPLATE("rust", "Makefile", rust_makefile),
    TEMPLATE("swift", "Package.swift", swift_package),
    TEMPLATE("swift", "Sources/AcmeConnector/AcmeConnector.swift", swift_connector),
    TEMPLATE("swift", "Sources/AcmePlugin/Entry.swift", swift_entry),
    TEMPLATE("swift", "Sources/AcmeNote/note.c", swift_note),
};

const igloo_template *igloo_template_at(size_t index) {
  return index < sizeof templates / sizeof *templates ? &templates[index] : NULL;
}
