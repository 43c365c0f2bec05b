// How an Efento sensor names itself, and tells the time.

// Real sensors have six bytes; others have been seen in tests. More than eight are no serial number.
static string SerialOf(ByteString serial) => serial.Length switch
{
    0 => throw new InvalidPayloadException("the message has no serial_number"),
    <= 8 => Convert.ToHexString(serial.Span).ToLowerInvariant(),
    _ => throw new InvalidPayloadException($"serial_number has {serial.Length} bytes, and not the six of a sensor"),
};

static DateTimeOffset TimeOf(long seconds) => seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
    ? DateTimeOffset.FromUnixTimeSeconds(seconds)
    : throw new InvalidPayloadException("a sample lies beyond the year 9999");

static string Iso(uint seconds) =>
    DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
