from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from mindreel.errors import SetupError
from workflows.progress import SEARCH_ATTRIBUTES

_DENIED = (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.UNAUTHENTICATED)


async def register_search_attributes(client: Client) -> None:
    """A cluster must know what workflows set, or their tasks fail. Raises `SetupError`, `RPCError`."""
    try:
        listed = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if error.status in _DENIED:
            return  # who may not ask may not add: the operator has to have seen to it
        raise
    missing = [name for name in SEARCH_ATTRIBUTES if name not in listed.custom_attributes]
    if missing:
        await _add_search_attributes(client, missing)


async def _add_search_attributes(client: Client, names: list[str]) -> None:
    kinds = dict.fromkeys(names, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=kinds)
    try:
        await client.operator_service.add_search_attributes(request)
    except RPCError as error:
        options = " ".join(f"--name {name} --type Keyword" for name in names)
        command = f"temporal operator search-attribute create --namespace {client.namespace} {options}"
        raise SetupError(
            f"The Temporal cluster lacks search attributes and refuses to add them ({error.message}); its "
            f"operator can: {command}"
        ) from error
