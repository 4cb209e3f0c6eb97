"""Requests and answers of the recommendation service."""

from collections.abc import Iterable
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from hotshelf.recommend.v1 import recommend_pb2 as pb
from hotshelf_client.answers import Reason, Recommendation, Recommendations, RepeatPolicy
from hotshelf_client.registry import time_of, word

POLICIES = {
    RepeatPolicy.MIXED: pb.REPEAT_POLICY_MIXED,
    RepeatPolicy.NEW_ONLY: pb.REPEAT_POLICY_NEW_ONLY,
    RepeatPolicy.BUY_AGAIN: pb.REPEAT_POLICY_BUY_AGAIN,
}


def request(
    *,
    model: str,
    version: str,
    customer: str,
    k: int,
    basket: Iterable[str],
    repeat_policy: str,
    exclude: Iterable[str],
    as_of: datetime | None,
) -> pb.RecommendRequest:
    """The request for recommendations. Raises `ValueError` for an unknown policy or a time without a zone."""
    return pb.RecommendRequest(
        model=model,
        version=version,
        customer=customer,
        k=k,
        basket=basket,
        repeat_policy=POLICIES[RepeatPolicy(repeat_policy)],
        exclude=exclude,
        as_of=_stamp(as_of) if as_of is not None else None,
    )


def recommendations(message: pb.RecommendResponse) -> Recommendations:
    """The products for one customer."""
    return Recommendations(
        items=tuple(map(_recommendation, message.recommendations)),
        model=message.model,
        version=message.version,
        fallback=word(message, "fallback", "FALLBACK_"),
        as_of=time_of(message, "as_of"),
        id=message.recommendation_id,
    )


def _recommendation(message: pb.Recommendation) -> Recommendation:
    reason = message.reason
    return Recommendation(
        product=message.product,
        title=message.title,
        score=message.score,
        reason=Reason(
            source=word(reason, "source", "SOURCE_"),
            text=reason.text,
            times_bought=reason.times_bought,
            days_since_bought=reason.days_since_bought if reason.times_bought else None,
            because_of=tuple(reason.because_of),
        ),
    )


def _stamp(moment: datetime) -> Timestamp:
    if moment.tzinfo is None:
        raise ValueError(f"as_of needs a time zone, found {moment.isoformat()}")
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
