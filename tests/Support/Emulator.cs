using System.Globalization;
using Pipeline.Local;
using Pipeline.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(Emulator))]

namespace Pipeline.Tests.Support;

/// <summary>The storage emulator that all tests of a run share: started when the first one asks for it, on free ports, gone with the run.</summary>
public sealed class Emulator : IAsyncLifetime
{
    private const int Accounts = 500;

    private static readonly string Data = Path.Combine(Path.GetTempPath(), $"pipeline-tests-{Guid.NewGuid():N}");

    private static readonly Lazy<Task<Azurite>> Running = new(() => Azurite.StartAsync(Data, Settings.Root, null, Console.Error.WriteLine,
        [.. Enumerable.Range(0, Accounts).Select(Name)]));

    private static int taken;

    /// <summary>The connection string of a storage account that nobody has used yet.</summary>
    public static async Task<string> NewAccountAsync()
    {
        var number = Interlocked.Increment(ref taken) - 1;
        return number < Accounts ? (await Running.Value).ConnectionStringFor(Name(number))
            : throw new InvalidOperationException($"The {Accounts} accounts of the test emulator are used up: raise {nameof(Emulator)}.{nameof(Accounts)}.");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (!Running.IsValueCreated)
            return;
        await (await Running.Value).DisposeAsync();
        Directory.Delete(Data, true);
    }

    private static string Name(int number) => "test" + number.ToString("D4", CultureInfo.InvariantCulture);
}
