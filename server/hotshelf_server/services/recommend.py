"""``hotshelf.recommend.v1.RecommendationService``: typed recommendations."""

import secrets
from collections.abc import Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from hotshelf.recommend.v1 import recommend_pb2 as pb
from hotshelf.recommend.v1.recommend_pb2_grpc import RecommendationServiceServicer
from hotshelf_server.core.errors import InvalidInput
from hotshelf_server.core.recommendation import Fallback, Query, Recommendation, RepeatPolicy, Source
from hotshelf_server.dataplane import Caller, Dataplane, RecommendResult
from hotshelf_server.execution.job import Patience
from hotshelf_server.observability.recommendations import RecommendationCounts
from hotshelf_server.services.calls import Calls, Context, at_once, seconds_left
from hotshelf_server.services.wishes import routing_key

DEFAULT_K = 10
MAX_K = 1_000
MAX_BASKET = 1_000
MAX_EXCLUDE = 10_000
LATEST = 253_402_300_799_999_999_999
"""Nanoseconds from the epoch to the last moment that a Timestamp can hold."""

POLICIES: Mapping[pb.RepeatPolicy.ValueType, RepeatPolicy] = {
    pb.REPEAT_POLICY_UNSPECIFIED: RepeatPolicy.MIXED,
    pb.REPEAT_POLICY_MIXED: RepeatPolicy.MIXED,
    pb.REPEAT_POLICY_NEW_ONLY: RepeatPolicy.NEW_ONLY,
    pb.REPEAT_POLICY_BUY_AGAIN: RepeatPolicy.BUY_AGAIN,
}
FALLBACKS: Mapping[Fallback, pb.Fallback.ValueType] = {
    Fallback.NONE: pb.FALLBACK_NONE,
    Fallback.UNKNOWN_CUSTOMER: pb.FALLBACK_UNKNOWN_CUSTOMER,
}
SOURCES: Mapping[Source, pb.Source.ValueType] = {
    Source.BOUGHT_BEFORE: pb.SOURCE_BOUGHT_BEFORE,
    Source.BECAUSE_YOU_BOUGHT: pb.SOURCE_BECAUSE_YOU_BOUGHT,
    Source.POPULAR: pb.SOURCE_POPULAR,
}


class RecommendationService(RecommendationServiceServicer):
    """Translates between messages and the dataplane's words."""

    def __init__(self, dataplane: Dataplane, calls: Calls, counts: RecommendationCounts) -> None:
        self._dataplane = dataplane
        self._calls = calls
        self._counts = counts

    def Recommend(self, request: pb.RecommendRequest, context: Context) -> pb.RecommendResponse:
        """Products for one customer."""
        with self._calls.frame("Recommend", context, request.model) as call:
            query = _query(request)
            caller = Caller(
                Patience(seconds_left(context), at_once=at_once(context)),
                lambda: routing_key(context.invocation_metadata()) or request.customer,
                call.routed,
                context.add_callback,
            )
            call.decoded()
            result = self._dataplane.recommend(request.model, request.version, query, caller)
            call.answered(result.times)
            self._counts.add(result.id, result.recommendations, call.computed)
            return _response(result)


def _query(request: pb.RecommendRequest) -> Query:
    _bounded("k", request.k, MAX_K)
    _bounded("basket", len(request.basket), MAX_BASKET)
    _bounded("exclude", len(request.exclude), MAX_EXCLUDE)
    if request.repeat_policy not in POLICIES:
        raise InvalidInput(f"repeat_policy {request.repeat_policy} is unknown", field="repeat_policy")
    return Query(
        request.customer,
        request.k or DEFAULT_K,
        tuple(request.basket),
        tuple(request.exclude),
        POLICIES[request.repeat_policy],
        _seconds(request.as_of) if request.HasField("as_of") else None,
    )


def _seconds(as_of: Timestamp) -> float:
    try:
        return as_of.ToNanoseconds() / 1e9
    except ValueError as error:
        raise InvalidInput(
            f"as_of: {as_of.seconds} seconds and {as_of.nanos} nanos, "
            "expected a time in the years 1 to 9999, and nanos from 0 to 999999999",
            field="as_of",
        ) from error


def _bounded(field: str, found: int, most: int) -> None:
    if found > most:
        raise InvalidInput(f"{field}: {found}, expected at most {most}", field=field, expected=most, found=found)


def _response(result: RecommendResult) -> pb.RecommendResponse:
    answer = result.recommendations
    as_of = Timestamp()
    # A float has no nanoseconds: the last moment would round up to one too late for the message.
    as_of.FromNanoseconds(min(int(answer.as_of * 1e9), LATEST))
    return pb.RecommendResponse(
        recommendation_id=secrets.token_hex(16),
        model=result.id.model,
        version=result.id.version,
        recommendations=[_recommendation(item) for item in answer.items],
        fallback=FALLBACKS[answer.fallback],
        as_of=as_of,
    )


def _recommendation(item: Recommendation) -> pb.Recommendation:
    return pb.Recommendation(
        product=item.product,
        title=item.title,
        score=item.score,
        reason=pb.Reason(
            source=SOURCES[item.reason.source],
            text=item.reason.text,
            times_bought=item.reason.times_bought,
            days_since_bought=item.reason.days_since_bought,
            because_of=item.reason.because_of,
        ),
    )
