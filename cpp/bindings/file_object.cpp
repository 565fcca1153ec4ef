#include "file_object.hpp"

#include "learnedidx/base/crc32c.hpp"
#include "models.hpp"

namespace learnedidx::bindings {

namespace {

PyObject* format_error = nullptr;

constexpr char kFormatErrorDoc[] =
    "A file that is no whole .lidx file, or not the one that was to be opened.\n"
    "\n"
    "The message names the file, says what is wrong and what to do. A ValueError.\n"
    "\n"
    "Examples\n"
    "--------\n"
    ">>> import learnedidx as lx\n"
    ">>> lx.open(b\"something else\")\n"
    "Traceback (most recent call last):\n"
    "learnedidx.FormatError: bytes: is no .lidx file: it does not begin with the bytes of one\n";

}  // namespace

PyObject* make_format_error() {
  format_error = PyErr_NewExceptionWithDoc("learnedidx.FormatError", kFormatErrorDoc, PyExc_ValueError, nullptr);
  if (!format_error) throw py::error_already_set();
  return format_error;
}

FileObject::FileObject(const py::object& bytes, std::string name) : name_(std::move(name)) {
  if (PyObject_GetBuffer(bytes.ptr(), &buffer_, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  const FileStatus status = open_file(buffer_.buf, static_cast<std::uint64_t>(buffer_.len), opened_, true);
  const bool usable = status != FileStatus::ok || opened_.is_aligned();
  if (status == FileStatus::ok && usable) return;
  PyBuffer_Release(&buffer_);
  refuse(usable ? message(status) : "bytes must be aligned to 8");
}

void FileObject::refuse(const std::string& what) const {
  const std::string text = name_ + ": " + what;
  PyErr_SetString(format_error, text.c_str());
  throw py::error_already_set();
}

template <class Wanted> void FileObject::verify_those(Wanted&& wanted) {
  std::string bad;
  run_pass([&](Cancellation cancellation) {
    for (const SectionEntry& entry : opened_.sections) {
      if (!wanted(entry)) continue;
      std::uint32_t crc = 0;
      if (!add_to_crc(crc, opened_.data + entry.offset, entry.bytes, cancellation)) return false;
      if (crc != entry.crc && bad.empty()) bad = std::string(entry.type, sizeof entry.type);
    }
    return true;
  });
  if (bad.empty()) return;
  refuse("is damaged: the checksum of section " + bad + " does not match; save it again");
}

void FileObject::verify(bool all) {
  verify_those([&](const SectionEntry& entry) { return all || !(same_type(entry.type, kKeys) || same_type(entry.type, kValues)); });
}

void FileObject::verify_section(const std::string& type) {
  verify_those([&](const SectionEntry& entry) { return type.size() == sizeof entry.type && same_type(entry.type, type.data()); });
}

void FileObject::verify_model_once() {
  if (!model_verified_) verify(false);
  model_verified_ = true;
}

void verify_file_of(py::handle model) {
  py::object file = py::none();
  if (py::isinstance<Rmi>(model)) file = model.cast<const Rmi&>().file;
  else if (py::isinstance<AnyTree>(model)) file = model.cast<const AnyTree&>().file;
  else if (py::isinstance<PgmModel>(model)) file = model.cast<const PgmModel&>().file;
  else if (py::isinstance<Spline>(model)) file = model.cast<const Spline&>().file;
  else if (py::isinstance<Direct>(model)) file = model.cast<const Direct&>().file;
  if (!file.is_none()) file.cast<FileObject&>().verify_model_once();
}

}  // namespace learnedidx::bindings
