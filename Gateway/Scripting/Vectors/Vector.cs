using System.Text.Json;
using Gateway.Scripting.Contract;

namespace Gateway.Scripting;

/// <summary>A golden vector: something that a script is given, and what it must make of it.</summary>
/// <param name="Name">What it shows; unique in its file.</param>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Column">Where it begins, from 1.</param>
internal abstract record Vector(string Name, int Line, int Column)
{
    /// <summary>The device that speaks, or that the command is for. Its script is not filled in.</summary>
    public required DeviceConfig Config { get; init; }

    /// <summary>The request that brings the payload; null for a command that is only tried.</summary>
    public UplinkRequest? Request { get; init; }

    /// <summary>A part of the message with which the script must refuse what it is given; null when it must take it.</summary>
    public string? Error { get; init; }
}

/// <summary>What a device sends. What is null is not looked at.</summary>
internal sealed record UplinkVector(string Name, int Line, int Column) : Vector(Name, Line, Column)
{
    /// <summary>The frame's payload.</summary>
    public required byte[] Payload { get; init; }

    /// <summary>Whether the vector says whose frame it is; otherwise the script is asked.</summary>
    public bool NamesDevice { get; init; }

    /// <summary>The readings in their order, each an object with the members that matter, in the form of <see cref="ReadingJson"/>.</summary>
    public IReadOnlyList<JsonElement>? Readings { get; init; }

    /// <summary>What <c>identify</c> must give: a text, or JSON's null.</summary>
    public JsonElement? DeviceId { get; init; }

    /// <summary>What <c>respond</c> must give: an object with the members that matter, or JSON's null for the empty answer.</summary>
    public JsonElement? Response { get; init; }
}

/// <summary>A command for a device.</summary>
internal sealed record CommandVector(string Name, int Line, int Column) : Vector(Name, Line, Column)
{
    /// <summary>The command.</summary>
    public required Command Command { get; init; }

    /// <summary>The bytes that it must become; null when the script must not know it, or must refuse it.</summary>
    public byte[]? Bytes { get; init; }
}
