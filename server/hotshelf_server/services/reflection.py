"""Server reflection, v1 and v1alpha, over several descriptor pools: each service is described from its own."""

from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import grpc
from google.protobuf.descriptor import FileDescriptor

MAX_QUESTIONS = 1_000
"""Questions in one stream."""


class Schema:
    """Files by name and by what they declare."""

    def __init__(self, files: Iterable[FileDescriptor]) -> None:
        self._files: dict[str, FileDescriptor] = {}
        self._symbols: dict[str, FileDescriptor] = {}
        self.services: list[str] = []
        for file in files:
            self._add(file)
            self.services += [service.full_name for service in file.services_by_name.values()]

    def by_name(self, name: str) -> FileDescriptor | None:
        """The file of that name."""
        return self._files.get(name)

    def by_symbol(self, symbol: str) -> FileDescriptor | None:
        """The file that declares a name, or the message or service around it."""
        while symbol:
            if symbol in self._symbols:
                return self._symbols[symbol]
            symbol = symbol.rpartition(".")[0]
        return None

    def _add(self, file: FileDescriptor) -> None:
        if file.name in self._files:
            return
        self._files[file.name] = file
        for kind in (file.message_types_by_name, file.enum_types_by_name, file.services_by_name):
            for descriptor in kind.values():
                self._symbols[descriptor.full_name] = file
        for dependency in file.dependencies:
            self._add(dependency)


def with_dependencies(file: FileDescriptor) -> list[FileDescriptor]:
    """The file, then everything that it needs, each once."""
    ordered = {file.name: file}
    for dependency in file.dependencies:
        for one in with_dependencies(dependency):
            ordered.setdefault(one.name, one)
    return list(ordered.values())


class ReflectionService:
    """Answers one version of the protocol; the versions differ in nothing but their package."""

    def __init__(self, schema: Schema, messages: ModuleType) -> None:
        self._schema = schema
        self._pb: Any = messages

    def ServerReflectionInfo(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        """One answer for each question."""
        for number, request in enumerate(requests):
            if number >= MAX_QUESTIONS:
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"{MAX_QUESTIONS} questions in one stream")
            answer = self._pb.ServerReflectionResponse(valid_host=request.host, original_request=request)
            self._answer(request, answer)
            yield answer

    def _answer(self, request: Any, answer: Any) -> None:
        match request.WhichOneof("message_request"):
            case "list_services":
                for name in self._schema.services:
                    answer.list_services_response.service.add(name=name)
            case "file_by_filename":
                self._describe(self._schema.by_name(request.file_by_filename), request.file_by_filename, answer)
            case "file_containing_symbol":
                symbol = request.file_containing_symbol
                self._describe(self._schema.by_symbol(symbol), symbol, answer)
            case "all_extension_numbers_of_type":
                # proto3 messages have no extensions
                answer.all_extension_numbers_response.base_type_name = request.all_extension_numbers_of_type
            case "file_containing_extension":
                self._refuse(answer, grpc.StatusCode.NOT_FOUND, "this server declares no extensions")
            case _:
                self._refuse(answer, grpc.StatusCode.INVALID_ARGUMENT, "the request asks nothing")

    def _describe(self, file: FileDescriptor | None, asked: str, answer: Any) -> None:
        if file is None:
            self._refuse(answer, grpc.StatusCode.NOT_FOUND, f"{asked!r} is not declared here")
            return
        answer.file_descriptor_response.file_descriptor_proto.extend(
            one.serialized_pb for one in with_dependencies(file)
        )

    def _refuse(self, answer: Any, code: grpc.StatusCode, message: str) -> None:
        answer.error_response.error_code = code.value[0]
        answer.error_response.error_message = message
