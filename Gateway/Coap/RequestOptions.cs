using System.Text;
using System.Text.Unicode;

namespace Gateway.Coap;

/// <summary>What the options of a request say to the engine.</summary>
internal sealed class RequestOptions
{
    private List<string>? _path;
    private List<string>? _query;

    public IReadOnlyList<string> Path => _path ?? (IReadOnlyList<string>)[];

    public IReadOnlyList<string> Query => _query ?? (IReadOnlyList<string>)[];

    public int? ContentFormat { get; private set; }

    public int? Accept { get; private set; }

    public BlockOption? Block1 { get; private set; }

    public BlockOption? Block2 { get; private set; }

    /// <summary>A Block option whose SZX is reserved: that is no fault of the option's form (RFC 7959 §2.2).</summary>
    public bool HasBadBlock { get; private set; }

    /// <summary>How large the client says that the whole body is, in bytes.</summary>
    public uint? Size1 { get; private set; }

    /// <summary>Whether the client wants to know how large the whole answer is (RFC 7959 §4).</summary>
    public bool AsksSize2 { get; private set; }

    /// <summary>Whether the request is for <see cref="BlockwiseServer"/>, whatever its answer.</summary>
    public bool IsBlockwise => Block1 is not null || Block2 is not null || HasBadBlock || AsksSize2;

    /// <summary>Whether the client takes us for a proxy (Proxy-Uri or Proxy-Scheme).</summary>
    public bool ForProxy { get; private set; }

    /// <summary>
    /// Reads the options that the engine recognises. One that is malformed or repeated against its rule counts as not recognised
    /// (RFC 7252 §5.4.3, §5.4.5): an elective one is skipped, a critical one is handed back as a fault.
    /// </summary>
    public static RequestOptions Read(IReadOnlyList<CoapOption> options, out OptionFault? fault)
    {
        var read = new RequestOptions();
        fault = null;
        for (var index = 0; index < options.Count && fault is null; index++)
        {
            var option = options[index];
            if (OptionRule.Of(option.Number) is not { } rule)
            {
                continue;
            }

            var repeated = index > 0 && options[index - 1].Number == option.Number;
            var problem = !rule.Fits(option.Value.Length) ? OptionFaultKind.WrongLength
                : repeated && !rule.Repeatable ? OptionFaultKind.Repeated
                : read.Take(option);
            if (problem is { } kind && OptionNumber.IsCritical(option.Number))
            {
                fault = new OptionFault(option.Number, kind);
            }
        }

        return read;
    }

    /// <summary>The first critical option that neither the engine nor the resource recognises.</summary>
    public static OptionFault? FindUnknown(IReadOnlyList<CoapOption> options, IReadOnlySet<int>? knownToResource)
    {
        for (var index = 0; index < options.Count; index++)
        {
            var number = options[index].Number;
            if (OptionNumber.IsCritical(number) && OptionRule.Of(number) is null && knownToResource?.Contains(number) != true)
            {
                return new OptionFault(number, OptionFaultKind.Unknown);
            }
        }

        return null;
    }

    private OptionFaultKind? Take(CoapOption option)
    {
        switch (option.Number)
        {
            case OptionNumber.UriPath:
                return TakeText(option, ref _path);
            case OptionNumber.UriQuery:
                return TakeText(option, ref _query);
            case OptionNumber.ContentFormat:
                ContentFormat = (int)UintOption.Read(option.Value.Span);
                break;
            case OptionNumber.Accept:
                Accept = (int)UintOption.Read(option.Value.Span);
                break;
            case OptionNumber.Block1:
                HasBadBlock |= !BlockOption.TryRead(option.Value.Span, out var block1);
                Block1 = block1;
                break;
            case OptionNumber.Block2:
                HasBadBlock |= !BlockOption.TryRead(option.Value.Span, out var block2);
                Block2 = block2;
                break;
            case OptionNumber.Size1:
                Size1 = UintOption.Read(option.Value.Span);
                break;
            case OptionNumber.Size2:
                AsksSize2 = true;
                break;
            case OptionNumber.ProxyUri or OptionNumber.ProxyScheme:
                ForProxy = true;
                break;
        }

        // Uri-Host and Uri-Port are recognised and make no difference: all that comes to this socket is for one server.
        return null;
    }

    private static OptionFaultKind? TakeText(CoapOption option, ref List<string>? texts)
    {
        if (!Utf8.IsValid(option.Value.Span))
        {
            return OptionFaultKind.NotUtf8;
        }

        (texts ??= []).Add(Encoding.UTF8.GetString(option.Value.Span));
        return null;
    }
}
