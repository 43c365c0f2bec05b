using System.Text.Json.Nodes;

namespace Gateway.Cli;

/// <summary>How a device of some family behaves. Its own task alone calls it, except for <see cref="CommandFor"/> and <see cref="TimesApplied"/>.</summary>
internal interface IDeviceModel
{
    /// <summary>The id by which the gateway knows it.</summary>
    string DeviceId { get; }

    /// <summary>When it wants to speak next.</summary>
    DateTimeOffset SpeaksAt { get; }

    /// <summary>What it has to say.</summary>
    DeviceMessage Speak(DateTimeOffset now);

    /// <summary>What became of what it has said last.</summary>
    /// <param name="answer">The answer; null when there is none, as there never is to a NON.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="InvalidDataException">The device can't read the answer.</exception>
    void Hear(DeviceAnswer? answer, DateTimeOffset now);

    /// <summary>The command that this device gets as its n-th, from 0; null when its family takes none. Always the same for the same number.</summary>
    FleetCommand? CommandFor(int number);

    /// <summary>How often the device has done what its n-th command says.</summary>
    int TimesApplied(int number);
}

/// <summary>A command for a simulated device.</summary>
/// <param name="Type">The command's type.</param>
/// <param name="Payload">Its payload.</param>
/// <param name="OnlyOnce">
/// Whether it must be applied exactly once. A request for a message, whose evidence may be lost on its way, may come again.
/// </param>
internal sealed record FleetCommand(string Type, JsonObject Payload, bool OnlyOnce);
