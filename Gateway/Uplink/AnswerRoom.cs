using Gateway.Coap;

namespace Gateway.Uplink;

/// <summary>What a command finds in the answer to a request: whether it is read at all, and how much room there is.</summary>
/// <param name="Now">How many bytes the payload of this answer may have.</param>
/// <param name="Most">How many it could have if the device had shown where it is (RFC 9175).</param>
internal readonly record struct AnswerRoom(int Now, int Most)
{
    // RFC 7967 §2.1: bit 1 (value 2) says that no answer of class 2 is wanted.
    private const uint NoSuccess = 2;

    // RFC 7252 §4.8.2, MAX_TRANSMIT_WAIT: nobody waits longer for the answer to a CON, whatever was lost on the way.
    private static readonly TimeSpan LongestWait = TransmissionParameters.Default.MaxTransmitWait;

    /// <summary>
    /// Whether the device reads a success. What it does not want to have is not sent, and for what comes too late it waits no longer: a command
    /// would be lost with either.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="now">When it is answered.</param>
    public static bool IsWanted(CoapRequest request, DateTimeOffset now)
    {
        if (now - request.ReceivedAt > LongestWait)
        {
            return false;
        }

        foreach (var option in request.Options)
        {
            if (option.Number == OptionNumber.NoResponse)
            {
                return (UintOption.Read(option.Value.Span) & NoSuccess) == 0;
            }
        }

        return true;
    }

    /// <summary>As many bytes as one message has, or blocks where the device speaks of them itself (RFC 7959): the engine makes them small enough.</summary>
    public static AnswerRoom Of(CoapRequest request, CoapSettings settings)
    {
        foreach (var option in request.Options)
        {
            if (option.Number is OptionNumber.Block1 or OptionNumber.Block2 or OptionNumber.Size2)
            {
                return new AnswerRoom(BlockCut.MaxBodySize, BlockCut.MaxBodySize);
            }
        }

        var most = 16 << BlockOption.ExponentFor(settings.BlockSize);
        return new AnswerRoom(Math.Min(most, request.Allowance?.Payload ?? most), most);
    }
}
