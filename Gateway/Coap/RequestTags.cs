namespace Gateway.Coap;

/// <summary>
/// Request-Tags for the bodies that go to one server in blocks (RFC 9175 §3): two at a time must not be mixed up there, whatever
/// they are for. Called from any thread.
/// </summary>
internal sealed class RequestTags
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly HashSet<uint> _inUse = [];

    /// <summary>The smallest tag that no other transfer has: 0, as long as there is only one.</summary>
    public uint Take()
    {
        lock (_gate)
        {
            var tag = 0u;
            while (!_inUse.Add(tag))
            {
                tag++;
            }

            return tag;
        }
    }

    /// <summary>The transfer is over.</summary>
    public void Return(uint tag)
    {
        lock (_gate)
        {
            _inUse.Remove(tag);
        }
    }

    /// <summary>The message with the tag. 0 is said by leaving it out, which is a tag of its own (RFC 9175 §3.3).</summary>
    public static CoapMessage With(CoapMessage message, uint tag) =>
        tag == 0 ? message : message with { Options = [.. message.Options, UintOption.Of(OptionNumber.RequestTag, tag)] };
}
