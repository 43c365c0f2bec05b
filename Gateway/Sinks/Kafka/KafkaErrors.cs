using Confluent.Kafka;

namespace Gateway.Sinks;

/// <summary>
/// What a broker's answer says of a message. Refused is only what is the message's own fault. All else is tried again: that brokers are away
/// or out of step, that a topic is not there yet or may not be written to. Those are for people to mend, and no message is to blame.
/// </summary>
internal static class KafkaErrors
{
    /// <param name="error">The answer.</param>
    /// <param name="alone">Whether the message was sent alone. A broker refuses a batch as a whole, whichever message is to blame.</param>
    public static Outcome OutcomeOf(Error error, bool alone) =>
        !error.IsError ? Outcome.Taken
        : alone && Blames(error.Code) ? Outcome.Refused(Say(error))
        : Outcome.Again(Say(error));

    /// <summary>Whether a message is to blame, of those that were sent together.</summary>
    public static bool Blames(ErrorCode code) => code is
        ErrorCode.MsgSizeTooLarge
        or ErrorCode.RecordListTooLarge
        or ErrorCode.InvalidMsg
        or ErrorCode.InvalidRecord
        or ErrorCode.Local_InvalidDifferentRecord;

    private static string Say(Error error) => $"{(error.IsBrokerError ? "the broker answered " : "librdkafka says ")}{error.Code}: {error.Reason}";
}
