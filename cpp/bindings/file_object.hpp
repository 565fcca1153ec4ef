// A .lidx file as Python holds it: the bytes, kept alive, and what was read of them.
#pragma once

#include "arrays.hpp"
#include "learnedidx/file/open.hpp"
#include "without_gil.hpp"

namespace learnedidx::bindings {

class FileObject {
 public:
  // Takes anything with the buffer protocol whose bytes are aligned to 8; raises FormatError, which
  // names the file and says what is wrong with it.
  FileObject(const py::object& bytes, std::string name);
  // A map gives up the GIL while it is let go.
  ~FileObject() { sleep_if_python_ends([this] { PyBuffer_Release(&buffer_); }); }
  FileObject(const FileObject&) = delete;
  FileObject& operator=(const FileObject&) = delete;

  const OpenedFile& opened() const { return opened_; }

  // Checks the checksums of all sections, or of those that the model reads; raises what is wrong.
  void verify(bool all);

  // The same for all sections of a type.
  void verify_section(const std::string& type);

  // The same for the model, the first time only: bounds without keys rest on it.
  void verify_model_once();

 private:
  template <class Wanted> void verify_those(Wanted&& wanted);
  [[noreturn]] void refuse(const std::string& what) const;

  std::string name_;
  Py_buffer buffer_{};
  OpenedFile opened_;
  bool model_verified_ = false;
};

// The class FormatError; made once.
PyObject* make_format_error();

}  // namespace learnedidx::bindings
