using Gateway.Commands;
using Gateway.Devices;

namespace Gateway.Api;

/// <summary>A line of an import: a device, or what is wrong with the line.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Document">The device; null when the line is none.</param>
/// <param name="Problems">What is wrong.</param>
internal sealed record DeviceLine(long Number, DeviceDocument? Document, IReadOnlyList<FieldProblem> Problems)
{
    /// <summary>How long a line may be, in bytes.</summary>
    public const int MaxLength = 64 * 1024;

    public static DeviceLine Refused(long number, string detail, string pointer = "#") => new(number, null, [new FieldProblem(detail, pointer)]);
}
