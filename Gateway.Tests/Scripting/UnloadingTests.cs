using System.Runtime.CompilerServices;
using Gateway.Scripting.Contract;

namespace Gateway.Tests.Scripting;

/// <summary>A script that was replaced leaves nothing behind.</summary>
internal sealed class UnloadingTests
{
    [Test]
    public void Hundreds_of_versions_leave_no_context_alive()
    {
        var kept = new List<Reading>();
        var contexts = Enumerable.Range(0, 300).SelectMany(version => Use(version, kept)).ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(contexts, Has.Length.EqualTo(600), "each version that failed has a twin, which found the line");
            Assert.That(Collected(contexts), "a context is still alive");
            Assert.That(kept, Has.Count.EqualTo(600), "what the scripts gave is still there");
        });
    }

    // Everything that the gateway does with a script, and then it lets go of it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IEnumerable<WeakReference> Use(int version, List<Reading> kept)
    {
        var script = Scripts.Compile($$"""
            class Own : Exception { }
            record Sample(int Number);
            IEnumerable<Reading> parse(ReadOnlySpan<byte> payload, DeviceConfig config)
            {
                if (payload.Length > 0) throw new Own();
                var samples = new List<Sample> { new({{version}}), new(2) };
                return samples.Select(sample => new Reading("A", sample.Number) { Label = ["a", "b"] });
            }
            byte[]? format_command(Command command, DeviceConfig config) => throw new CommandException("no");
            string? identify(ReadOnlyMemory<byte> payload, UplinkRequest request) => "d1";
            UplinkResponse? respond(byte[] payload, DeviceConfig config, UplinkRequest request) => new(payload);
            """);
        kept.AddRange(script.Parse().Value);
        Assert.Multiple(() =>
        {
            Assert.That(script.Parse(1).Failure?.Message, Is.EqualTo("Own: Exception of type 'Script+Own' was thrown. (scripts/x.csx:5)"));
            Assert.That(script.FormatCommand(Scripts.Command("any"), Scripts.Config, null).Failure?.Message, Is.EqualTo("no"));
            Assert.That(script.Identify(default, Scripts.Request).Value, Is.EqualTo("d1"));
            Assert.That(script.Respond(default, Scripts.Config, Scripts.Request).Value?.Payload, Is.Empty);
        });
        script.Unload();
        return script.ContextReferences();
    }

    private static bool Collected(WeakReference[] contexts)
    {
        for (var attempt = 0; attempt < 20 && contexts.Any(context => context.IsAlive); attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !contexts.Any(context => context.IsAlive);
    }
}
