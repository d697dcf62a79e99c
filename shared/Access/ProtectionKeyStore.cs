using System.Xml.Linq;
using Azure.Data.Tables;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Modeldrop.Storage;

namespace Modeldrop.Access;

/// <summary>
/// Stores the keys with which ASP.NET Core encrypts the state of a sign-in in the browser, so that another instance may complete the
/// sign-in. Thread-safe.
/// </summary>
/// <remarks>One row a key, about one every three months; an instance reads them once a day.</remarks>
public sealed class ProtectionKeyStore(StorageAccount account) : IXmlRepository
{
    private const string Partition = "protection";
    private const string Element = "Element";

    private readonly TableClient _table = account.Table(TableNames.Access);

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        string filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition}");
        return [.. _table.Query<TableEntity>(filter).Select(row => XElement.Parse(row.GetString(Element)))];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName) =>
        _table.AddEntity(new TableEntity(Partition, Guid.NewGuid().ToString("N"))
        {
            [Element] = element.ToString(SaveOptions.DisableFormatting),
        });
}
