using System.Globalization;

namespace Gateway.Coap;

/// <summary>A message's code: a class of 3 bits and a detail of 5, written <c>c.dd</c> (RFC 7252 §3, §12.1).</summary>
internal readonly record struct CoapCode(byte Value)
{
    public static readonly CoapCode Empty = new(0);

    public static readonly CoapCode Get = new(0x01);
    public static readonly CoapCode Post = new(0x02);
    public static readonly CoapCode Put = new(0x03);
    public static readonly CoapCode Delete = new(0x04);
    public static readonly CoapCode Fetch = new(0x05);
    public static readonly CoapCode Patch = new(0x06);
    public static readonly CoapCode IPatch = new(0x07);

    public static readonly CoapCode Created = Of(2, 1);
    public static readonly CoapCode Deleted = Of(2, 2);
    public static readonly CoapCode Valid = Of(2, 3);
    public static readonly CoapCode Changed = Of(2, 4);
    public static readonly CoapCode Content = Of(2, 5);
    public static readonly CoapCode Continue = Of(2, 31);
    public static readonly CoapCode BadRequest = Of(4, 0);
    public static readonly CoapCode Unauthorized = Of(4, 1);
    public static readonly CoapCode BadOption = Of(4, 2);
    public static readonly CoapCode Forbidden = Of(4, 3);
    public static readonly CoapCode NotFound = Of(4, 4);
    public static readonly CoapCode MethodNotAllowed = Of(4, 5);
    public static readonly CoapCode NotAcceptable = Of(4, 6);
    public static readonly CoapCode RequestEntityIncomplete = Of(4, 8);
    public static readonly CoapCode PreconditionFailed = Of(4, 12);
    public static readonly CoapCode RequestEntityTooLarge = Of(4, 13);
    public static readonly CoapCode UnsupportedContentFormat = Of(4, 15);
    public static readonly CoapCode TooManyRequests = Of(4, 29);
    public static readonly CoapCode InternalServerError = Of(5, 0);
    public static readonly CoapCode NotImplemented = Of(5, 1);
    public static readonly CoapCode ServiceUnavailable = Of(5, 3);
    public static readonly CoapCode ProxyingNotSupported = Of(5, 5);

    /// <summary>0 for a request or an empty message, 2 for success, 4 for the client's fault, 5 for the server's; 1, 6 and 7 are reserved.</summary>
    public int Class => Value >> 5;

    public int Detail => Value & 0x1f;

    public bool IsEmpty => Value == 0;

    public bool IsRequest => Class == 0 && Value != 0;

    public bool IsResponse => Class is >= 2 and <= 5;

    public static CoapCode Of(int codeClass, int detail) => new((byte)((codeClass << 5) | detail));

    /// <summary>Reads <c>2.05</c>.</summary>
    public static bool TryParse(string text, out CoapCode code)
    {
        code = default;
        if (text.Length != 4 || text[1] != '.' || text[0] is < '0' or > '7'
            || !byte.TryParse(text.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var detail) || detail > 31)
        {
            return false;
        }

        code = Of(text[0] - '0', detail);
        return true;
    }

    /// <summary>The method's name for a request, otherwise the code as the RFC writes it: <c>POST</c>, <c>2.04</c>.</summary>
    public override string ToString() => Value switch
    {
        0x01 => "GET",
        0x02 => "POST",
        0x03 => "PUT",
        0x04 => "DELETE",
        0x05 => "FETCH",
        0x06 => "PATCH",
        0x07 => "iPATCH",
        _ => string.Create(CultureInfo.InvariantCulture, $"{Class}.{Detail:00}"),
    };
}
