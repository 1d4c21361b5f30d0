// SPDX-License-Identifier: MIT

#include "igloo_toml.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>
#include <toml++/toml.h>

struct igloo_toml_document {
  toml::table root;
};

namespace {

const toml::node *node(const igloo_toml_value *value) {
  return reinterpret_cast<const toml::node *>(value);
}

const igloo_toml_value *value(const toml::node *node) {
  return reinterpret_cast<const igloo_toml_value *>(node);
}

igloo_toml_place place(const toml::source_region &region) {
  return {region.begin.line, region.begin.column};
}

void fail(igloo_toml_failure *failure, std::string_view message, igloo_toml_place place) {
  if (!failure) return;
  const size_t count = std::min(message.size(), sizeof failure->message - 1);
  std::memcpy(failure->message, message.data(), count);
  failure->message[count] = 0;
  failure->place = place;
}

}  // namespace

extern "C" {

igloo_toml_document *igloo_toml_parse(const char *text, size_t count, igloo_toml_failure *failure) {
  try {
    return new igloo_toml_document{toml::parse(std::string_view{text, count})};
  } catch (const toml::parse_error &error) {
    fail(failure, error.description(), place(error.source()));
  } catch (const std::exception &error) {
    fail(failure, error.what(), {0, 0});
  } catch (...) {
    fail(failure, "the TOML parser failed", {0, 0});
  }
  return nullptr;
}

void igloo_toml_free(igloo_toml_document *document) { delete document; }

const igloo_toml_value *igloo_toml_root(const igloo_toml_document *document) {
  return document ? value(&document->root) : nullptr;
}

igloo_toml_kind igloo_toml_kind_of(const igloo_toml_value *value) {
  if (!value) return IGLOO_TOML_NONE;
  switch (node(value)->type()) {
    case toml::node_type::table: return IGLOO_TOML_TABLE;
    case toml::node_type::array: return IGLOO_TOML_ARRAY;
    case toml::node_type::string: return IGLOO_TOML_STRING;
    case toml::node_type::integer: return IGLOO_TOML_INTEGER;
    case toml::node_type::floating_point: return IGLOO_TOML_FLOAT;
    case toml::node_type::boolean: return IGLOO_TOML_BOOL;
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return IGLOO_TOML_TIME;
    default: return IGLOO_TOML_NONE;
  }
}

igloo_toml_place igloo_toml_place_of(const igloo_toml_value *value) {
  return value ? place(node(value)->source()) : igloo_toml_place{0, 0};
}

size_t igloo_toml_count(const igloo_toml_value *value) {
  if (!value) return 0;
  if (const auto *table = node(value)->as_table()) return table->size();
  if (const auto *array = node(value)->as_array()) return array->size();
  return 0;
}

igloo_toml_entry igloo_toml_entry_at(const igloo_toml_value *container, size_t index) {
  const auto *table = container ? node(container)->as_table() : nullptr;
  if (!table || index >= table->size()) return {{nullptr, 0}, {0, 0}, nullptr};
  auto found = table->cbegin();
  std::advance(found, static_cast<std::ptrdiff_t>(index));
  const std::string_view key = found->first.str();
  return {{key.data(), key.size()}, place(found->first.source()), value(&found->second)};
}

const igloo_toml_value *igloo_toml_element_at(const igloo_toml_value *container, size_t index) {
  const auto *array = container ? node(container)->as_array() : nullptr;
  return array && index < array->size() ? value(array->get(index)) : nullptr;
}

igloo_toml_text igloo_toml_string(const igloo_toml_value *value) {
  const auto *text = value ? node(value)->as_string() : nullptr;
  return text ? igloo_toml_text{text->get().data(), text->get().size()}
              : igloo_toml_text{nullptr, 0};
}

int64_t igloo_toml_integer(const igloo_toml_value *value) {
  const auto *integer = value ? node(value)->as_integer() : nullptr;
  return integer ? integer->get() : 0;
}

double igloo_toml_float(const igloo_toml_value *value) {
  const auto *number = value ? node(value)->as_floating_point() : nullptr;
  return number ? number->get() : 0;
}

bool igloo_toml_bool(const igloo_toml_value *value) {
  const auto *boolean = value ? node(value)->as_boolean() : nullptr;
  return boolean && boolean->get();
}

}  // extern "C"
