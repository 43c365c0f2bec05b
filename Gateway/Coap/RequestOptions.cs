using System.Text;
using System.Text.Unicode;

namespace Gateway.Coap;

/// <summary>What the options of a request say to the engine, read in one go over the datagram. Holds as long as that does.</summary>
internal ref struct RequestOptions
{
    private readonly ReadOnlySpan<byte> _body;
    private OptionFault? _unknown;
    private int _queryCount;
    private int _echoStart;
    private int _echoLength;

    private RequestOptions(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>The critical option for which the request is to be refused, if there is one: it breaks its rule.</summary>
    public OptionFault? Fault { get; private set; }

    /// <summary>The segments of Uri-Path.</summary>
    public PathView Path { get; private set; }

    public int? ContentFormat { get; private set; }

    public int? Accept { get; private set; }

    /// <summary>What is said of blocks.</summary>
    public RequestedBlocks Blocks { get; private set; }

    /// <summary>Which classes of answers the client does not want to have (RFC 7967 §2.1): bit c - 1 for class c. 0 for none.</summary>
    public uint NoResponse { get; private set; }

    /// <summary>Whether the resource is to be observed; null when the request doesn't speak of it.</summary>
    public ObserveAction? Observe { get; private set; }

    /// <summary>The Echo value that the client sends back (RFC 9175 §2.2); empty for none.</summary>
    public readonly ReadOnlySpan<byte> Echo => _body.Slice(_echoStart, _echoLength);

    /// <summary>Whether the client takes us for a proxy (Proxy-Uri or Proxy-Scheme).</summary>
    public bool ForProxy { get; private set; }

    /// <summary>
    /// Reads the options that the engine recognises. One that is malformed or repeated against its rule counts as not recognised
    /// (RFC 7252 §5.4.3, §5.4.5): an elective one is skipped, a critical one is a <see cref="Fault"/>.
    /// </summary>
    public static RequestOptions Read(MessageView message)
    {
        var read = new RequestOptions(message.Body);
        var reader = new OptionReader(message.Body);
        var previous = 0;
        while (reader.MoveNext())
        {
            read.Take(reader, repeated: reader.Number == previous);
            previous = reader.Number;
        }

        return read;
    }

    /// <summary>The first critical option that neither the engine nor the resource recognises.</summary>
    public readonly OptionFault? FindUnknown(IReadOnlySet<int>? knownToResource)
    {
        // Nearly no request has one that the engine does not know, so only then is it looked for.
        if (_unknown is null || knownToResource is null or { Count: 0 })
        {
            return _unknown;
        }

        var reader = new OptionReader(_body);
        while (reader.MoveNext())
        {
            if (IsUnknown(reader.Number) && !knownToResource.Contains(reader.Number))
            {
                return new OptionFault(reader.Number, OptionFaultKind.Unknown);
            }
        }

        return null;
    }

    /// <summary>The Uri-Query options, decoded.</summary>
    public readonly IReadOnlyList<string> ReadQuery()
    {
        if (_queryCount == 0)
        {
            return [];
        }

        var query = new List<string>(_queryCount);
        var reader = new OptionReader(_body);
        while (reader.MoveNext())
        {
            if (reader.Number == OptionNumber.UriQuery)
            {
                query.Add(Encoding.UTF8.GetString(_body.Slice(reader.ValueStart, reader.ValueLength)));
            }
        }

        return query;
    }

    private static bool IsUnknown(int number) => OptionNumber.IsCritical(number) && OptionRule.Of(number) is null or { ForResource: true };

    private void Take(OptionReader option, bool repeated)
    {
        var number = option.Number;
        var known = OptionRule.Of(number);
        if (known is null or { ForResource: true } && OptionNumber.IsCritical(number))
        {
            _unknown ??= new OptionFault(number, OptionFaultKind.Unknown);
        }

        if (known is not { } rule)
        {
            return;
        }

        var problem = !rule.Fits(option.ValueLength) ? OptionFaultKind.WrongLength
            : repeated && !rule.Repeatable ? OptionFaultKind.Repeated
            : Take(number, option.ValueStart, _body.Slice(option.ValueStart, option.ValueLength));
        if (problem is { } kind && OptionNumber.IsCritical(number))
        {
            Fault ??= new OptionFault(number, kind);
        }
    }

    private OptionFaultKind? Take(int number, int start, ReadOnlySpan<byte> value)
    {
        switch (number)
        {
            case OptionNumber.UriPath:
                Path = Path.With(_body, start, value.Length);
                return Utf8.IsValid(value) ? null : OptionFaultKind.NotUtf8;
            case OptionNumber.UriQuery:
                _queryCount++;
                return Utf8.IsValid(value) ? null : OptionFaultKind.NotUtf8;
            case OptionNumber.Observe:
                Observe = UintOption.Read(value) is var action and <= (uint)ObserveAction.Deregister ? (ObserveAction)action : null;
                break;
            case OptionNumber.ContentFormat:
                ContentFormat = (int)UintOption.Read(value);
                break;
            case OptionNumber.Accept:
                Accept = (int)UintOption.Read(value);
                break;
            case OptionNumber.Block1 or OptionNumber.Block2 or OptionNumber.Size1 or OptionNumber.Size2:
                Blocks = Take(Blocks, number, value);
                break;
            case OptionNumber.Echo:
                (_echoStart, _echoLength) = (start, value.Length);
                break;
            case OptionNumber.NoResponse:
                NoResponse = UintOption.Read(value);
                break;
            case OptionNumber.ProxyUri or OptionNumber.ProxyScheme:
                ForProxy = true;
                break;
        }

        // Uri-Host and Uri-Port are recognised and make no difference: all that comes to this socket is for one server.
        return null;
    }

    private static RequestedBlocks Take(RequestedBlocks blocks, int number, ReadOnlySpan<byte> value)
    {
        if (number is OptionNumber.Size1)
        {
            return blocks with { Size1 = UintOption.Read(value) };
        }

        if (number is OptionNumber.Size2)
        {
            return blocks with { AsksSize2 = true };
        }

        if (!BlockOption.TryRead(value, out var block))
        {
            return blocks with { HasReservedSize = true };
        }

        return number is OptionNumber.Block1 ? blocks with { Block1 = block } : blocks with { Block2 = block };
    }
}
