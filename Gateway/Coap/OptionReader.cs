namespace Gateway.Coap;

/// <summary>Walks over the options of a message; after the last one it stands at the payload.</summary>
//
// RFC 7252 §3.1, figure 8: an option is
//
//     7   6   5   4   3   2   1   0
//   +---------------+---------------+
//   | delta         | length        |   a nibble each; the delta is from the number of the option before
//   +---------------+---------------+
//   | delta - 13, or delta - 269    |   1 byte if the nibble is 13, 2 if it is 14; 15 is kept for the
//   +-------------------------------+   payload marker 0xff
//   | length - 13, or length - 269  |   as above
//   +-------------------------------+
//   | value                         |   length bytes
//   +-------------------------------+
internal ref struct OptionReader(ReadOnlySpan<byte> body)
{
    public const byte PayloadMarker = 0xff;
    private const int MaxNumber = 65535;

    private readonly ReadOnlySpan<byte> _body = body;
    private int _position;

    public int Number { get; private set; }

    public int ValueStart { get; private set; }

    public int ValueLength { get; private set; }

    /// <summary>Where the payload begins; known once <see cref="MoveNext"/> returned false without an error.</summary>
    public int PayloadStart { get; private set; }

    public DecodeError Error { get; private set; }

    /// <summary>False at the end of the options, or at the first error.</summary>
    public bool MoveNext()
    {
        if (_position == _body.Length)
        {
            PayloadStart = _position;
            return false;
        }

        var head = _body[_position++];
        if (head == PayloadMarker)
        {
            PayloadStart = _position;
            return _position < _body.Length ? false : Fail(DecodeError.EmptyPayload);
        }

        if (!ReadNibble(head >> 4, out var delta) || !ReadNibble(head & 0x0f, out var length))
        {
            return false;
        }

        if (Number + delta > MaxNumber)
        {
            return Fail(DecodeError.OptionNumberTooLarge);
        }

        if (length > _body.Length - _position)
        {
            return Fail(DecodeError.TruncatedOption);
        }

        (Number, ValueStart, ValueLength) = (Number + delta, _position, length);
        _position += length;
        return true;
    }

    private bool ReadNibble(int nibble, out int value)
    {
        value = nibble;
        switch (nibble)
        {
            case < 13:
                return true;
            case 13 when _body.Length - _position >= 1:
                value = 13 + _body[_position++];
                return true;
            case 14 when _body.Length - _position >= 2:
                value = 269 + (_body[_position] << 8) + _body[_position + 1];
                _position += 2;
                return true;
            case 15:
                return Fail(DecodeError.ReservedOptionNibble);
            default:
                return Fail(DecodeError.TruncatedOption);
        }
    }

    private bool Fail(DecodeError error)
    {
        Error = error;
        return false;
    }
}
