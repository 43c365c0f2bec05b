using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Devices;

/// <summary>
/// Who a device is: 1 to 128 of the characters <c>A-Z a-z 0-9 . _ : @ -</c>, compared exactly.
/// Nothing in it needs escaping in a path, a topic or a file name.
/// </summary>
internal readonly record struct DeviceId
{
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@-");

    private readonly string? _value;

    private DeviceId(string value) => _value = value;

    /// <summary>No device: a frame that nobody could be found for.</summary>
    public static DeviceId None => default;

    public bool IsNone => _value is null;

    public static bool TryParse([NotNullWhen(true)] string? text, out DeviceId id)
    {
        var valid = text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Allowed);
        id = valid ? new DeviceId(text!) : None;
        return valid;
    }

    /// <exception cref="FormatException">The text is no device id.</exception>
    public static DeviceId Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException(Problem(text));

    /// <summary>What to tell somebody whose text is no device id.</summary>
    public static string Problem(string? text) => string.IsNullOrEmpty(text)
        ? "a device id must not be empty"
        : $"\"{(text.Length > 40 ? text[..40] + "…" : text)}\" is no device id: 1 to {MaxLength} of the characters A-Z a-z 0-9 . _ : @ - are";

    public override string ToString() => _value ?? "";
}
