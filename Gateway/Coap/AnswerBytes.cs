using System.Runtime.CompilerServices;

namespace Gateway.Coap;

/// <summary>The bytes that answered a request. A short answer, as nearly all are, is kept in place: no object, and nothing for the garbage collector to look at.</summary>
internal struct AnswerBytes
{
    private byte[]? _long;
    private ShortBytes _short;
    private byte _shortLength;

    /// <summary>Keeps a copy.</summary>
    public void Set(ReadOnlySpan<byte> answer)
    {
        _long = null;
        _shortLength = 0;
        if (answer.Length <= ShortBytes.Length)
        {
            answer.CopyTo(_short);
            _shortLength = (byte)answer.Length;
        }
        else
        {
            _long = answer.ToArray();
        }
    }

    /// <summary>Copies the bytes; returns how many there are, 0 when nothing was kept.</summary>
    public readonly int CopyTo(Span<byte> destination)
    {
        var bytes = _long is null ? ((ReadOnlySpan<byte>)_short)[.._shortLength] : _long;
        bytes.CopyTo(destination);
        return bytes.Length;
    }

    [InlineArray(Length)]
    private struct ShortBytes
    {
        public const int Length = 32;

        private byte _first;
    }
}
