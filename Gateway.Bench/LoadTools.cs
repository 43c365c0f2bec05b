using System.Diagnostics;

namespace Gateway.Bench;

/// <summary>The load generator and the servers to compare with, which are in C: built once from their sources into <c>artifacts/bench</c>.</summary>
internal sealed class LoadTools
{
    // What makes nothing durable: in front of a gateway it shows what durability costs. The product has no such switch.
    private const string NoSyncSource = "int fsync(int file) { return 0; }\nint fdatasync(int file) { return 0; }\n";

    private readonly string _sources;
    private readonly string _built = Repository.PathOf("artifacts", "bench");

    private LoadTools(string sources) => _sources = sources;

    public string Coapload => Path.Combine(_built, "coapload");

    public string CEcho => Path.Combine(_built, "cecho");

    public string LibcoapEcho => Path.Combine(_built, "libcoap_echo");

    /// <summary>A library to be loaded before all others, with which nothing waits for the disk.</summary>
    public string NoSync => Path.Combine(_built, "nosync.so");

    /// <summary>Builds what is not there yet. Needs a C compiler, and libcoap with its headers.</summary>
    /// <param name="sources">The folder of coapload.c, cecho.c and libcoap_echo.c, and of the payloads.</param>
    public static LoadTools BuiltFrom(string sources)
    {
        var tools = new LoadTools(Path.GetFullPath(sources));
        Directory.CreateDirectory(tools._built);
        tools.Build(tools.Coapload, "coapload.c", "-O2");
        tools.Build(tools.CEcho, "cecho.c", "-O2 -pthread");
        tools.Build(tools.LibcoapEcho, "libcoap_echo.c", "-O2 -w", "-lcoap-3-notls");
        var noSync = Path.Combine(tools._built, "nosync.c");
        File.WriteAllText(noSync, NoSyncSource);
        tools.Build(tools.NoSync, noSync, "-O2 -shared -fPIC");
        return tools;
    }

    /// <summary>A payload that lies with the sources.</summary>
    public string Payload(int readings) => Path.Combine(_sources, string.Create(CultureInfo.InvariantCulture, $"efento-{readings}-readings.bin"));

    private void Build(string target, string source, string options, string libraries = "")
    {
        var from = Path.Combine(_sources, source);
        if (File.Exists(target) && File.GetLastWriteTimeUtc(target) > File.GetLastWriteTimeUtc(from))
        {
            return;
        }

        using var compiler = Process.Start("cc", $"{options} -o \"{target}\" \"{from}\" {libraries}");
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
        {
            throw new InvalidOperationException($"cc can't build {from}");
        }
    }
}
