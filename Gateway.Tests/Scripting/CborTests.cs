using Gateway.Scripting;

namespace Gateway.Tests.Scripting;

/// <summary>Scripts read CBOR with the platform's reader.</summary>
internal sealed class CborTests
{
    // The longest payload that a datagram can carry.
    private const int Longest = 65_000;

    private const string Skipping = $$"""
        using System.Formats.Cbor;
        Reading[] parse(ReadOnlyMemory<byte> payload, DeviceConfig config)
        {
            new CborReader(payload).SkipValue();
            return [];
        }
        {{Scripts.NoCommands}}
        """;

    [Test]
    public void What_is_no_CBOR_is_the_devices_fault() =>
        Assert.That(Scripts.Compile(Skipping).Parse(0x82, 0x01).Failure?.Kind, Is.EqualTo(ScriptFailureKind.InvalidPayload));

    // An array of an array of an array; and an array that says it has four thousand million elements.
    [Test]
    public void Neither_depth_nor_a_false_length_costs_more_than_the_frame()
    {
        var script = Scripts.Compile(Skipping);

        Assert.That(script.Parse(Enumerable.Repeat((byte)0x81, Longest).ToArray()).Failure?.Kind, Is.EqualTo(ScriptFailureKind.InvalidPayload));
        Assert.That(script.Parse(0x9A, 0xFF, 0xFF, 0xFF, 0xFF).Failure?.Kind, Is.EqualTo(ScriptFailureKind.InvalidPayload));
    }
}
