namespace Gateway.Coap;

/// <summary>Content-Format identifiers that the engine itself speaks (IANA "CoAP Content-Formats").</summary>
internal static class ContentFormat
{
    public const int TextPlain = 0;
    public const int LinkFormat = 40;
    public const int OctetStream = 42;
    public const int Json = 50;
}
